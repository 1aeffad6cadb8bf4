# SPDX-License-Identifier: LGPL-2.1-or-later
# A second pvmove of the same disk joins the first: one operation, one lvpoll, two that wait.
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 16 disk1
shape 2 5 stalled

begin lvm pvmove -i 1 /dev/mapper/disk1
first=$begun
wait_for copying vg-pvmove0
begin lvm pvmove -i 1 /dev/mapper/disk1
second=$begun
wait_for in_dump 'init_requests_count=2'
assert_equal "number of operations" "$(request dump | grep -c 'lvid=')" 1
shape 2
assert_exit 0 "$first"
assert_exit 0 "$second"

assert_equal "number of lvpolls" "$(lvpoll_runs)" 1
assert_on disk2 vg/a
assert_intact vg/a
