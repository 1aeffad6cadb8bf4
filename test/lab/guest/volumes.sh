# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Volume groups, volumes full of data that is remembered, and copies in progress, by their device
# ('vg-pvmove0').

make_vg() {
    local name=$1
    shift
    lvm vgcreate -q "$name" "${@/#/\/dev\/mapper\/}" >/dev/null
}

# lock_vg VG, unlock_vg: as lvm does it, which removes the file when it gives the lock back.
lock_vg() {
    while true; do
        exec {vg_lock}<>"/run/lock/lvm/V_$1"
        flock "$vg_lock"
        [[ ! "/run/lock/lvm/V_$1" -ef /proc/self/fd/$vg_lock ]] || return 0
        unlock_vg
    done
}

unlock_vg() {
    exec {vg_lock}<&-
}

# make_lv VG/NAME MIB DISK...: a volume full of random data whose checksum is remembered.
make_lv() {
    local volume=$1 size=$2
    shift 2
    lvm lvcreate -q -y -Wn -Zn -n "${volume#*/}" -L "${size}m" "${volume%/*}" \
        "${@/#/\/dev\/mapper\/}" >/dev/null
    fill "$volume"
}

# make_lvs MIB DISK VG/NAME...: many of them, in less time.
make_lvs() {
    local size=$1 disk=$2 volume
    shift 2
    for volume; do
        echo "lvcreate -q -y -Wn -Zn -n ${volume#*/} -L ${size}m ${volume%/*} /dev/mapper/$disk"
    done | lvm >/dev/null
    for volume; do
        fill "$volume"
    done
}

fill() {
    scribble "$1"
    remember "$1"
}

# scribble VG/NAME [MIB]: random data over its beginning, or all of it.
scribble() {
    local bytes=$((${2-0} * 1048576))
    ((bytes)) || bytes=$(blockdev --getsize64 "/dev/$1")
    dd if=/dev/urandom of="/dev/$1" bs=1M count="$bytes" iflag=count_bytes oflag=direct status=none
}

# checksum VG/NAME [MIB]: of all that it holds from that MiB on.
checksum() {
    dd if="/dev/$1" bs=1M skip="${2-0}" iflag=direct status=none | md5sum
}

declare -A remembered
remember() {
    remembered[$1]=$(checksum "$1")
}

intact() {
    [[ $(checksum "$1") == "${remembered[$1]}" ]]
}

# assert_intact VG/NAME...: the volumes hold what they were filled with.
assert_intact() {
    local volume
    for volume; do
        intact "$volume" || fail "the data of $volume has changed"
    done
}

# disks_of VG/NAME: the disks that hold it, as "disk1 disk2".
disks_of() {
    lvm lvs --noheadings -a -o devices "$1" | grep -o 'disk[0-9]*' | sort -u | xargs
}

# assert_on DISKS VG/NAME...
assert_on() {
    local volume disks=$1
    shift
    for volume; do
        assert_equal "place of $volume" "$(disks_of "$volume")" "$disks"
    done
}

# --- copies in progress ---------------------------------------------------------------------------

# mirror_of DEVICE: "START COPIED TOTAL" of its mirror target: first sector, regions.
mirror_of() {
    local legs='[0-9]+ ([0-9]+:[0-9]+ )+'
    dmsetup status --noflush "$1" 2>/dev/null |
        sed -nE "s,^([0-9]+) [0-9]+ mirror $legs([0-9]+)/([0-9]+) .*,\\1 \\3 \\4,p" || true
}

# copying DEVICE [SEGMENT]: has begun to copy (the segment that starts at that MiB), and isn't done.
copying() {
    local start copied total
    read -r start copied total < <(mirror_of "$1") &&
        ((copied > 0 && copied < total && start == ${2-start / 2048} * 2048))
}

# begin_two_moves: vg/a from disk1 to disk2, and vg/b from disk3 to disk4, all in vg. Both hang
# half-way. The commands are $first and $second.
begin_two_moves() {
    make_lv vg/a 8 disk1
    make_lv vg/b 8 disk3
    shape 2 5 stalled
    shape 4 5 stalled
    begin lvm pvmove -i 1 /dev/mapper/disk1 /dev/mapper/disk2
    first=$begun
    wait_for copying vg-pvmove0
    begin lvm pvmove -i 1 /dev/mapper/disk3 /dev/mapper/disk4
    second=$begun
    wait_for in_dump 'lvname="vg/pvmove1"'
}

# copied DEVICE REGIONS: at least so many are.
copied() {
    local start copied total
    read -r start copied total < <(mirror_of "$1") && ((copied >= $2))
}

in_sync() {
    local start copied total
    read -r start copied total < <(mirror_of "$1") && ((copied == total))
}

# writes DEVICE: how many it has done.
writes() {
    local fields number
    number=$(dmsetup info -c --noheadings --separator : -o major,minor "$1")
    read -ra fields <"/sys/dev/block/$number/stat"
    echo "${fields[4]}"
}

written() {
    (($(writes "$1") >= $2))
}

# being_read DISK: a slow disk has reads waiting.
being_read() {
    local reads
    reads=$(dmsetup status --noflush "$1" | sed -nE 's/.* delay ([0-9]+) .*/\1/p')
    ((reads > 0))
}

# being_written DISK: a slow or stalled disk has writes waiting.
being_written() {
    local writes
    writes=$(dmsetup status --noflush "$1" | sed -nE 's/.* delay [0-9]+ ([0-9]+).*/\1/p' |
        sort -n | tail -1)
    ((writes > 0))
}

no_device() {
    [[ ! -e /dev/mapper/$1 ]]
}

# --- moves that are compared, and programs that write meanwhile -----------------------------------

# prepare_verified_move MIB: the daemon compares every segment; vg/a, of that size, is on disk1.
prepare_verified_move() {
    ! is_resident || skip "only a watched move is verified"
    stop_daemon
    start_daemon --verify=always
    make_disks 2
    make_vg vg disk1 disk2
    make_lv vg/a "$1" disk1
}

# fail_and_rewrite COMMAND...: the command moves vg/a, of 32 MiB, to disk2, which cannot write a
# region at first. That is written again through the mirror: the copy is suspect, and good. What
# follows of it is held back.
fail_and_rewrite() {
    shape 2 5 failing 9 sound 15 stalled
    "$@"
    wait_for kernel_said 'Write error during recovery'
    wait_for copied vg-pvmove0 7
    shape 2 19 stalled
    dd if=/dev/urandom of=/dev/vg/a bs=1M seek=4 count=4 oflag=direct conv=notrunc status=none
    remember vg/a
}

# hold_comparison: that copy gets in sync, and its comparison waits for a slow read.
hold_comparison() {
    shape 2 20 slow:0:2000 23 sound
    wait_for in_sync vg-pvmove0
    wait_for being_read disk2
}

# begin_load NAME OPTION...: fio writes to vg/a until end_loads.
loads=()
begin_load() {
    local name=$1
    shift
    begin fio --name="$name" --filename=/dev/vg/a --direct=1 --time_based --runtime=600 \
        --eta=never --output="$logs/fio-$name" "$@"
    loads+=("$begun")
}

# end_loads: none of them has met an error.
end_loads() {
    kill -INT "${loads[@]}"
    wait "${loads[@]}" || true
    assert_equal "number of loads without an error" "$(grep -l 'err= 0' "$logs"/fio-* | wc -l)" \
        ${#loads[@]}
    loads=()
}

# wait_for_writes DEVICE COUNT: until it has done so many more.
wait_for_writes() {
    wait_for written "$1" $(($(writes "$1") + $2))
}
