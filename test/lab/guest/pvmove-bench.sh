# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# One run of bench/pvmove: both daemons in the same guest, one after the other. Each figure is a line "figure NAME DAEMON VALUE";
# of the CPU time bench/guest.py measures the windows.
ours=$daemon
reference=/usr/sbin/lvmpolld
deadline=900

contestant() {
    [[ $daemon == "$reference" ]] && echo reference || echo ours
}

figure() {
    echo "figure $1 $(contestant) $2"
}

# serve_with DAEMON: no wrapper around lvm here; each line of the log gets the time it came at.
serve_with() {
    [[ -z $daemon_pid ]] || stop_daemon
    daemon=$1
    : >"$daemon_log"
    setsid env -u LVM_SUPPRESS_FD_WARNINGS "$daemon" -f -l error,warn,info,debug > >(with_time >>"$daemon_log") 2>&1 {silence}<&- &
    daemon_pid=$!
    wait_for daemon_answers
}

with_time() {
    local line
    while IFS= read -r line; do
        echo "$EPOCHREALTIME $line"
    done
}

milliseconds() {
    echo $((${EPOCHREALTIME/./} / 1000))
}

# moved COMMAND...: how many milliseconds it takes to finish what the command begins in the background.
moved() {
    local begin
    begin=$(milliseconds)
    "$@"
    wait_for no_device vg-pvmove0
    wait_for idle
    echo $(($(milliseconds) - begin))
}

pvmove() {
    lvm pvmove -b "${@/#disk//dev/mapper/disk}" >/dev/null 2>&1
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
    awk '{ total += $1 } END { printf "%d\n", total }'
}

# The dm event that says 'in sync', as another process sees it, and the log line that says 'started'.
latencies() {
    local event=0
    pvmove disk1 disk2
    while dmsetup wait vg-pvmove0 "$event" >/dev/null 2>&1; do
        echo "$EPOCHREALTIME in sync"
        event=$((event + 1))
    done >/run/lab/events
    wait_for no_device vg-pvmove0
    wait_for idle
    sort -n /run/lab/events <(grep -E 'lvpoll\[[0-9]+\] started' "$daemon_log") |
        awk '/in sync$/ { since = $1 } / started/ && since { printf "%.1f\n", ($1 - since) * 1000; since = 0 }'
}

six_volumes() {
    make_vg vg disk1 disk2
    make_lvs 16 disk1 vg/{a,b,c,d,e,f}
    figure six "$(moved pvmove disk1)"
    assert_intact vg/{a,b,c,d,e,f}
    lvm vgremove -q -y vg >/dev/null
}

# At its default interval the reference would take six minutes: it is given 1 s.
twenty_four_volumes() {
    local interval=() duration
    ! is_reference || interval=(-i 1)
    make_vg vg disk1 disk2
    make_lvs 4 disk1 vg/a{1..24}
    duration=$(moved pvmove "${interval[@]}" disk1)
    figure segment $((duration / 24))
    if ! is_reference; then
        moved pvmove -i 1 disk2 >/dev/null
        : >"$daemon_log"
        for latency in $(latencies); do
            figure latency "$latency"
        done
    fi
    assert_intact vg/a{1..24}
    lvm vgremove -q -y vg >/dev/null
}

# Copies that stand still, ten at a time.
memory() {
    local number before
    make_vg vg disk{3..13}
    for number in {3..12}; do
        lvm lvcreate -q -y -Wn -Zn -n "a$number" -L 8m vg "/dev/mapper/disk$number" >/dev/null 2>&1
    done
    moved pvmove -i 1 disk3 disk13 >/dev/null
    moved pvmove -i 1 disk13 disk3 >/dev/null
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
    read -rt 5 -u "$silence" || true
    echo end
}

# A copy of more than a minute, with and without the daemon and its children.
cpu_time() {
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
    wait_for no_device vg-pvmove0
    wait_for idle
    lvm vgremove -q -y vg >/dev/null
}

make_disks 13 128
for program in "$reference" "$ours"; do
    serve_with "$program"
    six_volumes
    twenty_four_volumes
    memory
    cpu_time
done
