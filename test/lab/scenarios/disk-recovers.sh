# SPDX-License-Identifier: LGPL-2.1-or-later
# A part of the destination fails, is sound again, and that region is written once more: the copy is
# good, and committed.
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 32 disk1

fail_and_rewrite begin lvm pvmove -i 1 /dev/mapper/disk1
shape 2
assert_exit 0 "$begun"

assert_on disk2 vg/a
assert_intact vg/a
is_resident || wait_for grep "verified: " "$daemon_log"
assert_daemon_used
