# SPDX-License-Identifier: LGPL-2.1-or-later
# While the legs of a suspect copy are compared, somebody else commits it: lvm's own poller. The
# comparison ends, nobody calls the copy bad, and no entry is left in the list of suspects.
! is_resident || skip "nothing is compared"
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 32 disk1
fail_and_rewrite lvm pvmove -b -i 1 /dev/mapper/disk1
hold_comparison

lvm lvpoll --config global/use_lvmpolld=0 --polloperation pvmove --interval 1 vg/pvmove0
assert no_device vg-pvmove0
deadline=20
wait_for idle
assert in_dump 'value=0'
refute grep -q 'the copy is bad' "$daemon_log"
refute grep -q "LVM-" "$socket.state/suspects"
assert_intact vg/a
assert_on disk2 vg/a
