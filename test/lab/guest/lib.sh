# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What a scenario is written with. A scenario is sourced behind this file, with the daemon under test already running;
# the first command that fails ends it.
#
#   disks       /dev/mapper/disk1, disk2, …, which can be made slow, stalled or failing in parts and at any time.
#   lvpoll      every one that the daemon starts is a line "SECONDS PID ARGUMENTS" in $lvpolls.
set -eEuo pipefail
trap 'echo "${BASH_SOURCE[0]##*/}:$LINENO: failed: $BASH_COMMAND" >&2' ERR

readonly socket=/run/lvm/lvmpolld.socket
readonly logs=/run/lab/log
readonly daemon_log=$logs/daemon.log
readonly lvpolls=$logs/lvpolls
deadline=120
daemon_pid=

# There is no udev here, and lvm need not remark on this shell's descriptors.
export DM_DISABLE_UDEV=1 LVM_SUPPRESS_FD_WARNINGS=1

mkdir -p "$logs"
: >>"$lvpolls"
exec {silence}<> <(:)

# --- waiting and asserting -------------------------------------------------------------------------------------------

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# For what the daemon under test isn't meant to do.
skip() {
    echo "SKIPPED: $*"
    exit 77
}

assert() {
    "$@" || fail "not true: $*"
}

refute() {
    ! "$@" || fail "true, but should not be: $*"
}

# assert_equal WHAT FOUND EXPECTED
assert_equal() {
    [[ $2 == "$3" ]] || fail "$1 is '$2', expected '$3'"
}

# assert_exit STATUS PID: a background command ends with that status.
assert_exit() {
    local status=0
    wait "$2" || status=$?
    assert_equal "exit status of '${commands[$2]-$2}'" "$status" "$1"
}

# begin COMMAND...: in the background; its PID is $begun, for assert_exit.
declare -A commands
begin() {
    "$@" &
    begun=$!
    commands[$begun]=$*
}

pause() {
    read -rt 0.05 -u "$silence" || true
}

# wait_for CONDITION [ARGUMENT...]: until the command succeeds, at most $deadline seconds.
wait_for() {
    local end=$((SECONDS + deadline))
    until "$@"; do
        ((SECONDS < end)) || fail "waited $deadline s in vain for: $*"
        pause
    done
}

kernel_said() {
    [[ $(dmesg) == *"$1"* ]]
}

# --- the daemon ------------------------------------------------------------------------------------------------------

# What the daemon runs for lvm: leaves a trace, and becomes lvm.
cat >/run/lab/lvm <<'END'
#!/bin/sh
read -r uptime rest </proc/uptime
echo "$uptime $$ $*${LVM_SYSTEM_DIR+ sysdir=$LVM_SYSTEM_DIR}" >>/run/lab/log/lvpolls
case $* in
    *--abort*) ;;
    *) [ ! -p /run/lab/hold ] || read -r released </run/lab/hold ;;
esac
exec /sbin/lvm "$@"
END
chmod +x /run/lab/lvm

# Between these two, an lvpoll that isn't an abort stays at its beginning.
hold_lvpoll() {
    mkfifo /run/lab/hold
}

release_lvpoll() {
    mv /run/lab/hold /run/lab/released
    exec {released}<>/run/lab/released
    printf '\n%.0s' {1..100} >&"$released"
}

# lvm_is_before VERSION: for what this machine's commands do otherwise.
lvm_is_before() {
    ! printf '%s\n' "$1" "$(lvm version | sed -nE 's/.*LVM version: *([0-9.]+).*/\1/p')" | sort -V -C
}

is_reference() {
    [[ $daemon == /usr/sbin/lvmpolld ]]
}

# Each operation has an lvpoll for as long as it lasts.
is_resident() {
    is_reference || [[ $daemon_options == *--engine=resident* ]]
}

# start_daemon [OPTION...]: logs everything but 'cmd', with which our lvpolls would be ten times as talkative.
start_daemon() {
    # shellcheck disable=SC2086
    setsid env -u LVM_SUPPRESS_FD_WARNINGS "$daemon" -f -l error,warn,info,debug,wire -B /run/lab/lvm $daemon_options "$@" \
        >>"$daemon_log" 2>&1 {silence}<&- &
    daemon_pid=$!
    wait_for daemon_answers
}

daemon_answers() {
    assert_daemon_lives
    [[ -S $socket && $(request hello 2>/dev/null) == *'"OK"'* ]]
}

no_socket() {
    [[ ! -e $socket ]]
}

stop_daemon() {
    kill -TERM "$daemon_pid"
    wait "$daemon_pid"
    daemon_pid=
}

kill_daemon() {
    kill -KILL "$daemon_pid"
    wait "$daemon_pid" || true
    daemon_pid=
}

assert_daemon_lives() {
    [[ -z $daemon_pid ]] || kill -0 "$daemon_pid" || fail "the daemon has died"
}

# request NAME [LINE...]: the daemon's reply.
request() {
    local name=$1
    shift
    { printf 'request="%s"\n' "$name"; (($# == 0)) || printf '%s\n' "$@"; printf '\n##\n'; } | socat -t 10 - "UNIX-CONNECT:$socket"
}

in_dump() {
    [[ $(request dump) == *"$1"* ]]
}

idle() {
    ! in_dump 'state="in_progress"'
}

# lvpoll_runs [PATTERN]: how many lvpolls the daemon has started so far; lvpolls_now: the PIDs of those running.
lvpoll_runs() {
    grep -c -- "${1-.}" "$lvpolls" || true
}

lvpolls_now() {
    pgrep -f 'lvm lvpoll ' || true
}

lvpoll_running() {
    [[ -n $(lvpolls_now) ]]
}

# holds_lock PID: this lvm has a VG locked.
holds_lock() {
    grep -qs FLOCK "/proc/$1/fdinfo/"*
}

# lvm falls back to polling by itself when it can't reach the daemon: then the daemon has started no lvpoll.
assert_daemon_used() {
    (($(lvpoll_runs) > 0)) || fail "the daemon was not used"
}

# Under the watch engine no copy was left to a resident lvpoll. The other one shows that the daemon would say so.
assert_watched() {
    local left=(grep 'left to a resident lvpoll' "$daemon_log")
    if ! is_resident; then
        refute "${left[@]}"
    elif ! is_reference; then
        assert "${left[@]}"
    fi
}

# found_in_sync COUNT [DEVICE]: the watching daemon has looked so often, and found that copy in sync.
found_in_sync() {
    (($(grep -c "${2-} in sync at sector" "$daemon_log") >= $1))
}

# --- disks -----------------------------------------------------------------------------------------------------------

# make_disks COUNT [MIB]
declare -a disk_loop
make_disks() {
    local number
    for ((number = 1; number <= $1; number++)); do
        truncate -s "${2:-256}M" "/run/lab/disk$number"
        disk_loop[number]=$(losetup --find --show "/run/lab/disk$number")
        disk_table "$number" | dmsetup create "disk$number"
    done
}

# shape DISK [MIB KIND]...: from that MiB on (of the disk; the first, 0, is for LVM's metadata) the disk is
#   sound             and as fast as memory, as it is before the first MIB given;
#   failing           reads and writes are errors;
#   slow:WRITE_MS[:READ_MS]  each takes so much longer;
#   stalled           writes wait until the disk is given another shape, and then succeed.
# dm-mirror copies 2 MiB after 2 MiB, in order.
shape() {
    disk_table "$@" | dmsetup load "disk$1"
    dmsetup suspend --noflush --nolockfs "disk$1"
    dmsetup resume "disk$1"
}

disk_table() {
    local loop=${disk_loop[$1]} from=0 kind=sound to end delays
    end=$(($(blockdev --getsz "$loop") / 2048))
    shift
    [[ ${1-} != 0 ]] || { kind=$2; shift 2; }
    while ((from < end)); do
        to=${1-$end}
        printf '%d %d ' $((from * 2048)) $(((to - from) * 2048))
        case $kind in
            sound) echo "linear $loop $((from * 2048))" ;;
            failing) echo error ;;
            stalled) echo "delay $loop $((from * 2048)) 0 $loop $((from * 2048)) 3600000" ;;
            slow:*)
                IFS=: read -ra delays <<<"$kind"
                echo "delay $loop $((from * 2048)) ${delays[2]-0} $loop $((from * 2048)) ${delays[1]}"
                ;;
        esac
        from=$to kind=${2-}
        shift $(($# < 2 ? $# : 2))
    done
}

# --- volumes ---------------------------------------------------------------------------------------------------------

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
    lvm lvcreate -q -y -Wn -Zn -n "${volume#*/}" -L "${size}m" "${volume%/*}" "${@/#/\/dev\/mapper\/}" >/dev/null
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

checksum() {
    dd if="/dev/$1" bs=1M iflag=direct status=none | md5sum
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

# --- copies in progress, by their device ('vg-pvmove0') ------------------------------------------------------------------

# mirror_of DEVICE: "START COPIED TOTAL" of its mirror target: first sector, regions.
mirror_of() {
    dmsetup status --noflush "$1" 2>/dev/null |
        sed -nE 's,^([0-9]+) [0-9]+ mirror [0-9]+ ([0-9]+:[0-9]+ )+([0-9]+)/([0-9]+) .*,\1 \3 \4,p' || true
}

# copying DEVICE [SEGMENT]: has begun to copy (the segment that starts at that MiB), and isn't done.
copying() {
    local start copied total
    read -r start copied total < <(mirror_of "$1") && ((copied > 0 && copied < total && start == ${2-start / 2048} * 2048))
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
    local fields
    read -ra fields <"/sys/dev/block/$(dmsetup info -c --noheadings --separator : -o major,minor "$1")/stat"
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
    writes=$(dmsetup status --noflush "$1" | sed -nE 's/.* delay [0-9]+ ([0-9]+).*/\1/p' | sort -n | tail -1)
    ((writes > 0))
}

no_device() {
    [[ ! -e /dev/mapper/$1 ]]
}

# --- lvm.conf --------------------------------------------------------------------------------------------------------

write_lvm_conf() {
    mkdir -p "$1"
    cat >"$1/lvm.conf" <<'END'
global { use_lvmpolld=1 locking_dir="/run/lock/lvm" event_activation=0 }
activation { monitoring=0 }
devices { external_device_info_source="none" use_devicesfile=0
          scan=["/dev/mapper"] global_filter=["a|^/dev/mapper/disk|", "r|.*|"] }
backup { backup=0 archive=0 }
END
}
write_lvm_conf /etc/lvm
