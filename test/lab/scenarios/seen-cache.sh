# SPDX-License-Identifier: LGPL-2.1-or-later
# Those who watch see how a cache that is being removed is written back, and wait for it.
! is_reference || skip "the reference tells nobody"
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 32 disk1
lvm lvcreate -q -y --type cache --cachemode writeback -L 16m -n pool vg/a /dev/mapper/disk2
scribble vg/a 8
scribble vg/a 8
remember vg/a
shape 1 1 stalled

begin lvm lvconvert -q -y --uncache vg/a
removal=$begun
wait_for seen '"type":"cacheFlush","polledBy":"notNeeded","volumeGroup":"vg","logicalVolume":"a"'
varlink Wait '{"filter":{"types":["cacheFlush"]}}' >/run/lab/waited &
waiting=$!
wait_for test -s /run/lab/waited
shape 1
assert_exit 0 "$waiting"
assert grep -q '"readsFrom":\["/dev/mapper/disk2"\],"writesTo":\["/dev/mapper/disk1"\]' /run/lab/waited
assert grep -q '"ended":\[.*"ending":"completed"' /run/lab/waited
assert_exit 0 "$removal"
assert_intact vg/a
