# SPDX-License-Identifier: LGPL-2.1-or-later
# Merging a snapshot brings back what the origin held; in the foreground and in the background.
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 16 disk1

lvm lvcreate -q -y -s -n s -L 12m vg/a /dev/mapper/disk2
scribble vg/a 8
shape 1 1 stalled
begin lvm lvconvert -i 1 --merge vg/s
wait_for in_dump 'type="merge"'
shape 1
assert_exit 0 "$begun"
refute lvm lvs vg/s
assert_intact vg/a

lvm lvcreate -q -y -s -n s -L 12m vg/a /dev/mapper/disk2
scribble vg/a 8
shape 1 1 stalled
lvm lvconvert -b -i 1 --merge vg/s
assert in_dump 'type="merge"'
shape 1
wait_for idle
refute lvm lvs vg/s
assert_intact vg/a
assert_daemon_used
