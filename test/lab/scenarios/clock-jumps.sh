# SPDX-License-Identifier: LGPL-2.1-or-later
# The clock is set a day ahead, two days back and a day ahead again, while a move is under way and
# while the daemon is idle: nobody notices.
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 16 disk1
stop_daemon
start_daemon -t 600
shape 2 5 stalled
begin lvm pvmove -i 1 /dev/mapper/disk1
client=$begun
wait_for copying vg-pvmove0

jump_and_back() {
    local jump before
    for jump in '+1 day' '-2 days' '+1 day'; do
        before=$(date +%s)
        date -s "$jump" >/dev/null
        refute test $(($(date +%s) - before)) -lt 3600 -a $((before - $(date +%s))) -lt 3600
        assert daemon_answers
    done
}
jump_and_back
refute idle
assert kill -0 "$client"
shape 2
assert_exit 0 "$client"
assert no_device vg-pvmove0
assert_on disk2 vg/a
assert_intact vg/a
assert idle
jump_and_back
refute grep -q 'error: ' "$daemon_log"
is_resident || assert_equal "number of lvpolls" "$(lvpoll_runs)" 1
