# SPDX-License-Identifier: LGPL-2.1-or-later
# The daemon dies in mid-copy, leaving its lvpoll or not; vgchange --poll y makes a new daemon
# finish the move.
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 8 disk1
make_lv vg/b 8 disk1
shape 2 5 stalled

lvm pvmove -b -i 1 /dev/mapper/disk1
wait_for copying vg-pvmove0
! is_resident || wait_for lvpoll_running
kill_daemon
kill_orphans
shape 2
wait_for in_sync vg-pvmove0
: >"$lvpolls"

start_daemon
lvm vgchange --config activation/polling_interval=1 --poll y vg
wait_for idle
assert no_device vg-pvmove0
assert_on disk2 vg/a vg/b
assert_intact vg/a vg/b
assert_daemon_used
