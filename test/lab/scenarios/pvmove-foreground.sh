# SPDX-License-Identifier: LGPL-2.1-or-later
# pvmove in the foreground waits for the daemon's result, and the volumes are moved.
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 16 disk1
make_lv vg/b 8 disk1

lvm pvmove -i 1 /dev/mapper/disk1

assert no_device vg-pvmove0
assert_on disk2 vg/a vg/b
assert_intact vg/a vg/b
assert_daemon_used
assert_watched
