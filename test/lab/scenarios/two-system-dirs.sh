# SPDX-License-Identifier: LGPL-2.1-or-later
# The same LV with and without LVM_SYSTEM_DIR is two operations, each with its own environment.
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 32 disk1
write_lvm_conf /run/lab/sysdir
shape 2 5 stalled

lvm pvmove -b -i 1 /dev/mapper/disk1
LVM_SYSTEM_DIR=/run/lab/sysdir lvm pvmove -b -i 1 /dev/mapper/disk1
assert_equal "number of operations" "$(request dump | grep -c 'state="in_progress"')" 2
assert in_dump 'LVM_SYSTEM_DIR="<undefined>"'
assert in_dump 'LVM_SYSTEM_DIR="/run/lab/sysdir"'
shape 2
wait_for idle

assert_equal "number of successes" "$(request dump | grep -c 'value=0')" 2
(($(lvpoll_runs 'sysdir=/run/lab/sysdir$') >= 1)) || fail "no lvpoll had the LVM_SYSTEM_DIR"
(($(lvpoll_runs -An$) >= 1)) || fail "no lvpoll was without LVM_SYSTEM_DIR"
assert_on disk2 vg/a
assert_intact vg/a
