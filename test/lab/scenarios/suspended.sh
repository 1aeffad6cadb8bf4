# SPDX-License-Identifier: LGPL-2.1-or-later
# The machine sleeps in mid-copy, and again while an lvpoll runs, for longer than the daemon waits
# for anything: then all goes on.
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 16 disk1
shape 2 5 stalled
begin lvm pvmove -i 1 /dev/mapper/disk1
client=$begun
wait_for copying vg-pvmove0

suspend_machine 40
refute idle
assert kill -0 "$client"
is_resident || hold_lvpoll
shape 2
if ! is_resident; then
    wait_for test -s "$lvpolls"
    suspend_machine 15
    assert kill -0 "$client"
    release_lvpoll
fi

assert_exit 0 "$client"
assert no_device vg-pvmove0
assert_on disk2 vg/a
assert_intact vg/a
refute grep -q 'error: ' "$daemon_log"
is_resident || assert_equal "number of lvpolls" "$(lvpoll_runs)" 1
