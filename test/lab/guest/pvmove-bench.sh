# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# One run of bench/pvmove: our daemon, the reference and the floor in the same guest.
#   pvmove-bench.sh TIMED_LVM ROUNDS VOLUMES PART...
# Each figure is a line "figure NAME COLUMN VALUE"; for the CPU time bench/guest.py measures the
# windows.
#
# The floor of a move is lvm itself. `lvm pvmove -i 0` without a daemon commits in one process that
# waits for the kernel's event instead of an interval: for each segment it scans the disks, reads
# the metadata and commits, once. Where there is a daemon, `lvm lvpoll` does the same, and has to be
# started for it. So the floor is such a move of the same volumes between the same disks plus, for
# each volume, one lvpoll that finds nothing to do. (That one scans and reads as well, which favours
# us by little: an lvpoll that is refused for its arguments takes as long.)
ours=$daemon
reference=/usr/sbin/lvmpolld
timed_lvm=$1 rounds=$2 volumes=$3
parts=("${@:4}")
deadline=900

contestant() {
    [[ $daemon == "$reference" ]] && echo reference || echo ours
}

# figure NAME VALUE [COLUMN]
figure() {
    [[ $2 =~ ^[0-9.]+$ ]] || fail "$1 is '$2'"
    echo "figure $1 ${3-$(contestant)} $2"
}

# serve_with DAEMON
serve_with() {
    [[ -z $daemon_pid ]] || stop_daemon
    daemon=$1
    setsid env -u LVM_SUPPRESS_FD_WARNINGS "$daemon" -f -l error,warn,info -B "$timed_lvm" \
        >>"$daemon_log" 2>&1 {silence}<&- &
    daemon_pid=$!
    wait_for daemon_answers
}

milliseconds() {
    echo $((${EPOCHREALTIME/./} / 1000))
}

# spawned COUNT PROGRAM [ARGUMENT...]: the ms that each run takes.
spawned() {
    python3 "${BASH_SOURCE[0]%.sh}.py" spawn "$@"
}

pvmove() {
    lvm pvmove -b "${@/#disk//dev/mapper/disk}" >/dev/null 2>&1
}

finish_move() {
    wait_for no_device vg-pvmove0
    wait_for idle
}

# moved ARGUMENT...: how many milliseconds a pvmove takes until all is committed.
moved() {
    local begin
    begin=$(milliseconds)
    pvmove "$@"
    finish_move
    echo $(($(milliseconds) - begin))
}

# moved_by_lvm DISK: the floor.
moved_by_lvm() {
    {
        spawned 1 /sbin/lvm pvmove -i 0 --config global/use_lvmpolld=0 "/dev/mapper/$1"
        spawned "$volumes" "$timed_lvm" lvpoll --polloperation pvmove --interval 1 vg/pvmove0
    } | sum
}

family() {
    echo "$daemon_pid"
    pgrep -P "$daemon_pid" || true
}

# Of the daemon and its children, at this moment.
resident_kib() {
    local pid
    for pid in $(family); do
        sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$pid/status"
    done | sum
}

sum() {
    awk '{ total += $1 } END { print total }'
}

# The ms from an event to the exec of its lvpoll. The copies are slow, so that each event comes when
# nothing else happens. The log of starts has the same clock, and each event precedes one start.
latencies() {
    : >"$lvpolls"
    shape 2 1 slow:150
    pvmove disk1 disk2
    python3 "${BASH_SOURCE[0]%.sh}.py" events vg-pvmove0 >/run/lab/events
    finish_move
    shape 2
    sort -n /run/lab/events "$lvpolls" |
        awk '/event$/ { since = $1 }
             / lvpoll / && since { printf "%.3f\n", ($1 - since) * 1000; since = 0 }'
}

# per_segment MILLISECONDS
per_segment() {
    awk "BEGIN { print $1 / $volumes }"
}

six() {
    make_vg vg disk1 disk2
    make_lvs 16 disk1 vg/{a,b,c,d,e,f}
    figure six "$(moved disk1)"
    assert_intact vg/{a,b,c,d,e,f}
    lvm vgremove -q -y vg >/dev/null
}

# The reference waits for its interval at each of them: `six` shows that.
many() {
    local round value names
    ! is_reference || return 0
    make_vg vg disk1 disk2
    mapfile -t names < <(seq -f 'vg/a%g' "$volumes")
    make_lvs 4 disk1 "${names[@]}"
    for ((round = 0; round < rounds; round++)); do
        : >"$lvpolls"
        figure segment "$(per_segment "$(moved disk1)")"
        figure runs "$(per_segment "$(lvpoll_runs)")"
        figure segment "$(per_segment "$(moved_by_lvm disk2)")" floor
    done
    for value in $(latencies); do
        figure latency "$value"
    done
    for value in $(spawned 24 /bin/true); do
        figure latency "$value" floor
    done
    assert_intact "${names[@]}"
    lvm vgremove -q -y vg >/dev/null
}

# Copies that stand still, ten at a time.
memory() {
    local number before
    make_vg vg disk{3..13}
    for number in {3..12}; do
        lvm lvcreate -q -y -Wn -Zn -n "a$number" -L 8m vg "/dev/mapper/disk$number" >/dev/null 2>&1
    done
    moved -i 1 disk3 disk13 >/dev/null
    moved -i 1 disk13 disk3 >/dev/null
    before=$(resident_kib)
    shape 13 1 stalled
    for number in {3..12}; do
        pvmove "disk$number" disk13
    done
    assert_equal "number of operations" "$(request dump | grep -c 'state="in_progress"')" 10
    figure memory $((($(resident_kib) - before) / 10))
    shape 13
    wait_for idle
    lvm vgremove -q -y vg >/dev/null
}

# window SIGNAL STATE
window() {
    # shellcheck disable=SC2046
    kill "-$1" $(family)
    echo "begin $(contestant) $2"
    read -rt 8 -u "$silence" || true
    echo end
}

# A copy of more than a minute, with and without the daemon and its children.
cpu() {
    local turn
    make_vg vg disk1 disk2
    lvm lvcreate -q -y -Wn -Zn -n a -L 112m vg /dev/mapper/disk1 >/dev/null 2>&1
    shape 2 1 slow:2000
    pvmove -i 1 disk1
    wait_for copying vg-pvmove0
    for turn in {1..6}; do
        window STOP stopped
        window CONT running
    done
    assert copying vg-pvmove0
    shape 2
    finish_move
    lvm vgremove -q -y vg >/dev/null
}

echo ready
make_disks 13 $((volumes < 24 ? 128 : volumes * 4 + 32))
for program in "$reference" "$ours"; do
    serve_with "$program"
    for part in "${parts[@]}"; do
        "$part"
    done
done
