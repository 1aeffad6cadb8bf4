# SPDX-License-Identifier: LGPL-2.1-or-later
# The destination fails in mid-copy, and is sound again later. LVM's own tools commit the copy, say nothing, and the data is lost.
# Watched, it is not committed: pvmove fails, the source keeps the data, and pvmove --abort is the way out.
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 32 disk1
shape 2 9 stalled

begin lvm pvmove -i 1 /dev/mapper/disk1
wait_for copied vg-pvmove0 4
shape 2 17 failing
if is_resident; then
    assert_exit 0 "$begun"
    shape 2
    assert_on disk2 vg/a
    refute intact vg/a
else
    assert_exit 5 "$begun"
    grep "disk2\|$(dmsetup info -c --noheadings --separator - -o blkdevname disk2)" "$daemon_log" | grep -- "pvmove --abort"
    assert_intact vg/a
    lvm pvmove --abort
    shape 2
    assert_on disk1 vg/a
    assert_intact vg/a
fi
assert kernel_said 'Write error during recovery'
assert_daemon_used
