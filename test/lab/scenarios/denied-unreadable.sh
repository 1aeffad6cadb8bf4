# SPDX-License-Identifier: LGPL-2.1-or-later
# Both disks can't be read where LVM's metadata is, from before the copy is done until some seconds
# later. The daemon asks again until they can be read. A resident lvpoll may give up, and the result
# is its failure.
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
assert_intact vg/a
if is_resident && in_dump 'value=5'; then
    is_reference || refute no_device vg-pvmove0
elif ! is_reference; then
    assert in_dump 'value=0'
    assert no_device vg-pvmove0
fi
