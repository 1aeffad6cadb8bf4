# SPDX-License-Identifier: LGPL-2.1-or-later
# A part of the destination fails, and is sound again before the copy is done: it holds stale data
# there.
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 32 disk1
shape 2 9 failing 17 sound 25 stalled

begin lvm pvmove -i 1 /dev/mapper/disk1
wait_for kernel_said 'Write error during recovery'
wait_for copied vg-pvmove0 12
shape 2
if is_resident; then
    assert_exit 0 "$begun"
    assert_on disk2 vg/a
    refute intact vg/a
else
    assert_exit 5 "$begun"
    assert_intact vg/a
    lvm pvmove --abort
    assert_on disk1 vg/a
    assert_intact vg/a
fi
assert_daemon_used
