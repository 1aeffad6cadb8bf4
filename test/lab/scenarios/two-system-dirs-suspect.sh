# SPDX-License-Identifier: LGPL-2.1-or-later
# Two operations on one move, whose copy is suspect and good. They share one comparison, and both
# succeed.
! is_resident || skip "nothing is compared"
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 32 disk1
write_lvm_conf /run/lab/sysdir
shape 2 5 failing 9 sound 15 stalled
lvm pvmove -b -i 1 /dev/mapper/disk1
wait_for kernel_said 'Write error during recovery'
wait_for copied vg-pvmove0 7
shape 2 19 stalled
dd if=/dev/urandom of=/dev/vg/a bs=1M seek=4 count=4 oflag=direct conv=notrunc status=none
remember vg/a
shape 2 20 slow:0:2000 23 sound
wait_for in_sync vg-pvmove0
wait_for being_read disk2

LVM_SYSTEM_DIR=/run/lab/sysdir lvm pvmove -b -i 1 /dev/mapper/disk1
wait_for idle
assert_equal "operations that ended with 0" "$(request dump | grep -c 'value=0')" 2
assert_equal "comparisons" "$(grep -c 'verified: both legs are equal' "$daemon_log")" 2
refute grep -q 'the copy is bad' "$daemon_log"
refute grep -q "LVM-" "$socket.state/suspects"
assert_intact vg/a
assert_on disk2 vg/a
