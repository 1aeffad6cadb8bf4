# SPDX-License-Identifier: LGPL-2.1-or-later
# What lies on the disk is a mirror's leg, a RAID1's leg, a snapshot's origin and a thin pool.
make_disks 3
make_vg vg disk1 disk2 disk3
lvm lvcreate -q -y -n m --type mirror -m1 --mirrorlog core -L 8m vg /dev/mapper/disk{1,2}
lvm lvcreate -q -y -n r --type raid1 -m1 -L 8m vg /dev/mapper/disk{1,2}
make_lv vg/origin 8 disk1
lvm lvcreate -q -y -s -n snap -L 8m vg/origin /dev/mapper/disk1
lvm lvcreate -q -y --type thin-pool -L 16m -n pool vg /dev/mapper/disk1
lvm lvcreate -q -y -V 8m -T vg/pool -n thin
fill vg/m
fill vg/r
fill vg/thin
scribble vg/origin 2
remember vg/origin
remember vg/snap

lvm pvmove -i 1 /dev/mapper/disk1 /dev/mapper/disk3

used=$(lvm pvs --noheadings -o pv_used --units m --nosuffix /dev/mapper/disk1 | xargs)
assert_equal "extents left on disk1" "$used" 0
assert_intact vg/m vg/r vg/origin vg/snap vg/thin
assert_daemon_used
assert_watched
