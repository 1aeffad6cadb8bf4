# SPDX-License-Identifier: LGPL-2.1-or-later
# While the legs of a suspect copy are compared, somebody else commits it: lvm's own poller. The
# comparison ends, nobody calls the copy bad, and no entry is left in the list of suspects.
! is_resident || skip "nothing is compared"
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 32 disk1
shape 2 5 failing 9 sound 15 stalled
lvm pvmove -b -i 1 /dev/mapper/disk1
wait_for kernel_said 'Write error during recovery'
wait_for copied vg-pvmove0 7
shape 2 19 stalled
# What failed is written again, through the mirror.
dd if=/dev/urandom of=/dev/vg/a bs=1M seek=4 count=4 oflag=direct conv=notrunc status=none
remember vg/a
shape 2 20 slow:0:2000 23 sound
wait_for in_sync vg-pvmove0
wait_for being_read disk2

lvm lvpoll --config global/use_lvmpolld=0 --polloperation pvmove --interval 1 vg/pvmove0
assert no_device vg-pvmove0
deadline=20
wait_for idle
assert in_dump 'value=0'
refute grep -q 'the copy is bad' "$daemon_log"
refute grep -q "LVM-" "$socket.state/suspects"
assert_intact vg/a
assert_on disk2 vg/a
