# SPDX-License-Identifier: LGPL-2.1-or-later
# Those who watch see a move, of this daemon and of a pvmove that polls by itself, with its disks, and wait for its end.
! is_reference || skip "the reference tells nobody"
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 16 disk1
shape 2 5 stalled

lvm pvmove -b -i 1 /dev/mapper/disk1
wait_for copying vg-pvmove0
wait_for seen '"type":"pvmove","store":"poll","polledBy":"daemon","volumeGroup":"vg","logicalVolume":"pvmove0"'
assert seen '"readsFrom":\["/dev/mapper/disk1"\],"writesTo":\["/dev/mapper/disk2"\]'
is_resident || assert seen '"state":"watching".*"engine":"watched"'
varlink Wait '{"filter":{"physicalVolume":"/dev/mapper/disk2"}}' >/run/lab/waited &
waiting=$!
wait_for test -s /run/lab/waited
shape 2
assert_exit 0 "$waiting"
assert grep -q '"ended":\[.*"ending":"completed","exitCode":0.*"failed":0' /run/lab/waited

shape 1 5 stalled
lvm pvmove -b -i 1 --config global/use_lvmpolld=0 /dev/mapper/disk2
wait_for copying vg-pvmove0
assert seen '"identifier":"kernel-1".*"polledBy":"nobody".*"readsFrom":\["/dev/mapper/disk2"\]'
varlink Wait '{"filter":{"polledBy":"nobody"}}' >/run/lab/waited &
waiting=$!
wait_for test -s /run/lab/waited
shape 1
assert_exit 0 "$waiting"
assert grep -q '"ended":\[.*"ending":"gone"' /run/lab/waited
assert_on disk1 vg/a
assert_intact vg/a
