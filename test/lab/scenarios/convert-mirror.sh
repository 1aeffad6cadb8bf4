# SPDX-License-Identifier: LGPL-2.1-or-later
# lvconvert to a mirror waits in the foreground until the mirror is in sync.
make_disks 3
make_vg vg disk1 disk2 disk3
make_lv vg/a 16 disk1
shape 2 5 stalled

begin lvm lvconvert -y -i 1 --type mirror -m1 vg/a /dev/mapper/disk2 /dev/mapper/disk3
wait_for copying vg-a
assert in_dump 'type="convert"'
shape 2
assert_exit 0 "$begun"

assert in_sync vg-a
assert_intact vg/a
lvm lvconvert -y -m0 vg/a /dev/mapper/disk1
assert_on disk2 vg/a
assert_intact vg/a
assert_daemon_used
assert_watched
