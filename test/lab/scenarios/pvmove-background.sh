# SPDX-License-Identifier: LGPL-2.1-or-later
# pvmove -b returns at once, and the daemon finishes the move.
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 16 disk1
make_lv vg/b 8 disk1
shape 2 5 stalled

lvm pvmove -b -i 1 /dev/mapper/disk1
refute idle
refute no_device vg-pvmove0
shape 2
wait_for idle

assert no_device vg-pvmove0
assert in_dump 'value=0'
assert_on disk2 vg/a vg/b
assert_intact vg/a vg/b
