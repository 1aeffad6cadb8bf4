# SPDX-License-Identifier: LGPL-2.1-or-later
# The origin is mounted: the merge begins when it is next activated.
make_disks 2
make_vg vg disk1 disk2
lvm lvcreate -q -y -n a -L 32m vg /dev/mapper/disk1
mkfs.ext4 -q /dev/vg/a
mkdir /run/lab/mounted
mount /dev/vg/a /run/lab/mounted
echo before >/run/lab/mounted/file
umount /run/lab/mounted
remember vg/a
lvm lvcreate -q -y -s -n s -L 24m vg/a /dev/mapper/disk2

mount /dev/vg/a /run/lab/mounted
dd if=/dev/urandom of=/run/lab/mounted/file bs=1M count=8 conv=fsync status=none
lvm lvconvert -i 1 --merge vg/s
assert idle
umount /run/lab/mounted
lvm vgchange -an vg
shape 1 1 stalled
lvm vgchange --config activation/polling_interval=1 -ay vg
assert in_dump 'type="merge"'
shape 1
wait_for idle

refute lvm lvs vg/s
assert_intact vg/a
assert_daemon_used
