# SPDX-License-Identifier: LGPL-2.1-or-later
# Those who watch see a move, of this daemon and of a pvmove that polls by itself, with its disks,
# and wait for its end.
. "$guest/varlink.sh"
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 16 disk1
shape 2 5 stalled

lvm pvmove -b -i 1 /dev/mapper/disk1
wait_for copying vg-pvmove0
move='"volumeGroup":"vg","logicalVolume":"pvmove0"'
wait_for seen "\"type\":\"pvmove\",\"store\":\"poll\",\"polledBy\":\"daemon\",$move"
assert seen '"readsFrom":\["/dev/mapper/disk1"\],"writesTo":\["/dev/mapper/disk2"\]'
is_resident || assert seen '"state":"watching".*"engine":"watched"'
begin_wait '{"physicalVolume":"/dev/mapper/disk2"}'
shape 2
end_wait
assert grep -q '"ended":\[.*"ending":"completed","exitCode":0.*"failed":0' "$replies"

shape 1 5 stalled
lvm pvmove -b -i 1 --config global/use_lvmpolld=0 /dev/mapper/disk2
wait_for copying vg-pvmove0
assert seen '"identifier":"kernel-1".*"polledBy":"nobody".*"readsFrom":\["/dev/mapper/disk2"\]'
begin_wait '{"polledBy":"nobody"}'
shape 1
end_wait
assert grep -q '"ended":\[.*"ending":"gone"' "$replies"
assert_on disk1 vg/a
assert_intact vg/a
