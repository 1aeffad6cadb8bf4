# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Disks that can be made slow, stalled or failing in parts and at any time.

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

# shape DISK [MIB KIND]...: from that MiB on the disk is (the first MiB, 0, is for LVM's metadata)
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
    local loop=${disk_loop[$1]} from=0 kind=sound to end delays place
    end=$(($(blockdev --getsz "$loop") / 2048))
    shift
    [[ ${1-} != 0 ]] || { kind=$2; shift 2; }
    while ((from < end)); do
        to=${1-$end}
        place="$loop $((from * 2048))"
        printf '%d %d ' $((from * 2048)) $(((to - from) * 2048))
        case $kind in
            sound) echo "linear $place" ;;
            failing) echo error ;;
            stalled) echo "delay $place 0 $place 3600000" ;;
            slow:*)
                IFS=: read -ra delays <<<"$kind"
                echo "delay $place ${delays[2]-0} $place ${delays[1]}"
                ;;
        esac
        from=$to kind=${2-}
        shift $(($# < 2 ? $# : 2))
    done
}
