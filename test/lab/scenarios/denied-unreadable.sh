# SPDX-License-Identifier: LGPL-2.1-or-later
# Both disks can't be read where LVM's metadata is, from before the copy is done until some
# seconds later.
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 16 disk1
shape 2 5 stalled
lvm pvmove -b -i 1 /dev/mapper/disk1
wait_for copying vg-pvmove0

shape 1 0 failing 1 sound
shape 2 0 failing 1 sound
tried_twice() { (($(lvpoll_runs) >= 2)); }
is_resident || wait_for tried_twice
is_reference || refute in_dump 'value=0'
shape 1
shape 2

wait_for idle
is_reference || assert in_dump 'value=0'
is_reference || assert no_device vg-pvmove0
assert_intact vg/a
