# SPDX-License-Identifier: LGPL-2.1-or-later
# Two operations on one move, whose copy is suspect and good. They share one comparison, and both
# succeed.
! is_resident || skip "nothing is compared"
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 32 disk1
write_lvm_conf /run/lab/sysdir
fail_and_rewrite lvm pvmove -b -i 1 /dev/mapper/disk1
hold_comparison

LVM_SYSTEM_DIR=/run/lab/sysdir lvm pvmove -b -i 1 /dev/mapper/disk1
wait_for idle
assert_equal "operations that ended with 0" "$(request dump | grep -c 'value=0')" 2
compared_twice() {
    (($(grep -c 'verified: both legs are equal' "$daemon_log") == 2))
}
wait_for compared_twice
refute grep -q 'the copy is bad' "$daemon_log"
refute grep -q "LVM-" "$socket.state/suspects"
assert_intact vg/a
assert_on disk2 vg/a
