# SPDX-License-Identifier: LGPL-2.1-or-later
# Likewise a writecache.
. "$guest/varlink.sh"
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 32 disk1
lvm lvcreate -q -y -Wn -Zn -n fast -L 16m vg /dev/mapper/disk2
lvm lvchange -q -an vg/fast
lvm lvconvert -q -y --type writecache --cachevol fast vg/a
scribble vg/a 8
remember vg/a
shape 1 1 slow:2000 # see seen-cache

begin lvm lvconvert -q -y --uncache vg/a
removal=$begun
wait_for seen '"type":"writecacheFlush","polledBy":"notNeeded","volumeGroup":"vg"'
begin_wait '{"types":["writecacheFlush"]}'
shape 1
end_wait
assert grep -q '"readsFrom":\["/dev/mapper/disk2"\],"writesTo":\["/dev/mapper/disk1"\]' "$replies"
assert grep -q '"ended":\[.*"ending":"completed"' "$replies"
assert_exit 0 "$removal"
assert_intact vg/a
