# SPDX-License-Identifier: LGPL-2.1-or-later
# The daemon is killed ten times in the middle of a move of ten volumes, and started again each
# time: the move ends by itself.
! is_reference || skip "the reference forgets its operations"
make_disks 2
make_vg vg disk1 disk2
make_lvs 8 disk1 vg/{a,b,c,d,e,f,g,h,i,j}
shape 2 5 stalled

lvm pvmove -b -i 1 /dev/mapper/disk1
wait_for copying vg-pvmove0
for round in {1..10}; do
    kill_daemon
    start_daemon
    refute idle
    ((round != 5)) || shape 2 45 stalled   # from here on segments are committed, but not all
done
shape 2
deadline=60
wait_for idle

assert in_dump 'value=0'
assert no_device vg-pvmove0
assert_on disk2 vg/{a,b,c,d,e,f,g,h,i,j}
assert_intact vg/{a,b,c,d,e,f,g,h,i,j}
assert_daemon_used
