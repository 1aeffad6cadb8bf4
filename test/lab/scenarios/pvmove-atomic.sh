# SPDX-License-Identifier: LGPL-2.1-or-later
# pvmove --atomic: one mirror over all volumes; aborted, everything stays; finished, everything is
# moved.
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 16 disk1
make_lv vg/b 8 disk1
shape 2 1 slow:1000

begin lvm pvmove --atomic -i 1 /dev/mapper/disk1
wait_for copying vg-pvmove0
lvm pvmove --abort
assert_exit 0 "$begun"
assert_on disk1 vg/a vg/b
assert_intact vg/a vg/b

shape 2
lvm pvmove --atomic -i 1 /dev/mapper/disk1
assert no_device vg-pvmove0
assert_on disk2 vg/a vg/b
assert_intact vg/a vg/b
assert_daemon_used
assert_watched
