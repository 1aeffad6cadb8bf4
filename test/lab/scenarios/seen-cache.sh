# SPDX-License-Identifier: LGPL-2.1-or-later
# Those who watch see how a cache that is being removed is written back, and wait for it.
. "$guest/varlink.sh"
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 32 disk1
lvm lvcreate -q -y --type cache --cachemode writeback -L 16m -n pool vg/a /dev/mapper/disk2
scribble vg/a 8
scribble vg/a 8
remember vg/a
# Stalled, a block that the kernel writes back already would keep lvm from suspending the cache.
shape 1 1 slow:2000

begin lvm lvconvert -q -y --uncache vg/a
removal=$begun
flush='"type":"cacheFlush","polledBy":"notNeeded","volumeGroup":"vg","logicalVolume":"a"'
wait_for seen "$flush"
begin_wait '{"types":["cacheFlush"]}'
shape 1
end_wait
assert grep -q '"readsFrom":\["/dev/mapper/disk2"\],"writesTo":\["/dev/mapper/disk1"\]' "$replies"
assert grep -q '"ended":\[.*"ending":"completed"' "$replies"
assert_exit 0 "$removal"
assert_intact vg/a
