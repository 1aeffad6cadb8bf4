# SPDX-License-Identifier: LGPL-2.1-or-later
# The VG is deactivated in mid-copy: the operation is over. Activated without polling it stays
# unpolled, with polling it goes on.
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 16 disk1
make_lv vg/b 8 disk1
shape 2 1 slow:1000

lvm pvmove -b -i 1 /dev/mapper/disk1
wait_for copying vg-pvmove0
lvm vgchange -an vg
wait_for idle
assert in_dump 'value=0'
runs=$(lvpoll_runs)

shape 2
lvm vgchange -ay --poll n vg
wait_for in_sync vg-pvmove0
# Time for a daemon that would take it up again.
lvm lvs vg
assert idle
assert_equal "number of lvpolls" "$(lvpoll_runs)" "$runs"

lvm vgchange -an vg
shape 2 1 stalled
lvm vgchange --config activation/polling_interval=1 -ay vg
refute idle
shape 2
wait_for idle
assert no_device vg-pvmove0
assert_on disk2 vg/a vg/b
assert_intact vg/a vg/b
