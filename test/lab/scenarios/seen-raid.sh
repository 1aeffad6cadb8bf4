# SPDX-License-Identifier: LGPL-2.1-or-later
# Those who watch see a RAID that gets in sync and that nobody polls: its disks, its speed, its end.
# Then a scrub.
. "$guest/varlink.sh"
make_disks 2
make_vg vg disk1 disk2
lvm lvcreate -q -y --type raid1 -m1 --maxrecoveryrate 4m -L 32m -n a vg

disks='\["/dev/mapper/disk1","/dev/mapper/disk2"\]'
raid='"type":"raidSynchronisation","polledBy":"notNeeded","volumeGroup":"vg","logicalVolume":"a"'
wait_for seen "$raid"
assert seen '"state":"copying".*"bytesTotal":33554432'
assert seen "\"readsFrom\":$disks,\"writesTo\":$disks"
begin_wait '{"volumeGroup":"vg"}'
end_wait
assert grep -q '"bytesPerSecond":[1-9].*"expectedEnd":' "$replies"
assert grep -q '"ended":\[.*"ending":"completed".*\],"omitted":0,"failed":0' "$replies"
refute seen '"state":"copying"'

lvm lvchange -q --syncaction check vg/a
wait_for seen '"type":"raidScrub".*"writesTo":\[\]'
begin_wait '{"types":["raidScrub"]}'
end_wait
assert grep -q '"ending":"completed"' "$replies"
