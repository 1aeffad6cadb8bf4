# SPDX-License-Identifier: LGPL-2.1-or-later
# lvm.conf rejects every disk for some seconds, just when the copy is done. The move is finished
# as soon as lvm sees the VG again, and nobody hears of a success before.
! is_reference || skip "what it says depends on when its lvpoll has read lvm.conf"
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 16 disk1
shape 2 5 stalled
begin lvm pvmove -i 1 /dev/mapper/disk1
client=$begun
wait_for copying vg-pvmove0

sed -i 's|global_filter=.*|global_filter=["r\|.*\|"] }|' /etc/lvm/lvm.conf
shape 2
tried_three_times() { (($(lvpoll_runs) >= 3)); }
is_resident || wait_for tried_three_times
refute in_dump 'value=0'
write_lvm_conf /etc/lvm

assert_exit 0 "$client"
assert no_device vg-pvmove0
assert_intact vg/a
assert_on disk2 vg/a
refute grep -q 'error: ' "$daemon_log"
