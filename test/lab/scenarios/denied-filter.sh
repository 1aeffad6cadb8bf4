# SPDX-License-Identifier: LGPL-2.1-or-later
# The daemon's lvpoll sees no disk, because lvm.conf rejects them all; the command that asks has a
# filter of its own. lvpoll finds no VG and exits 0. The client hears of a failure, since the
# kernel still shows the move.
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 16 disk1
shape 2 5 stalled
sed -i 's|global_filter=.*|global_filter=["r\|.*\|"] }|' /etc/lvm/lvm.conf

filter='devices/global_filter=["a|^/dev/mapper/disk|","r|.*|"]'
begin lvm pvmove --config "$filter" -i 1 /dev/mapper/disk1
client=$begun
wait_for copying vg-pvmove0
shape 2
status=0
wait "$client" || status=$?
refute no_device vg-pvmove0
is_reference || refute test "$status" = 0
is_reference || assert in_dump 'Registered polling'
is_reference || refute in_dump 'value=0'
is_reference || wait_for grep -q 'error: .*lvm says that it is finished, but the' "$daemon_log"
assert_intact vg/a

# The way out: lvm sees the VG again, and somebody asks.
write_lvm_conf /etc/lvm
lvm vgchange --config activation/polling_interval=1 --poll y vg
wait_for no_device vg-pvmove0
assert_intact vg/a
assert_on disk2 vg/a
