# SPDX-License-Identifier: LGPL-2.1-or-later
# The VG is renamed in mid-move, the LV in mid-conversion. A waiting lvpoll does not find the old
# name, and takes that for the end; the daemon does not, since the kernel still shows the copy:
# both are followed until they are in sync, and the move is finished.
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 16 disk1
shape 2 1 slow:1000

lvm pvmove -b -i 1 /dev/mapper/disk1
wait_for copying vg-pvmove0
# Of an LV, LVM itself forbids it.
refute lvm lvrename vg/a vg/b
lvm vgrename vg new
remembered[new/a]=${remembered[vg/a]}
! is_reference || wait_for idle
shape 2
wait_for idle
assert in_dump 'value=0'
assert_intact new/a
if is_reference; then
    refute no_device new-pvmove0
    lvm pvmove -i 1
fi
assert no_device new-pvmove0
assert_on disk2 new/a
assert_intact new/a

# The client goes by the name as well, and may give up.
shape 1 1 slow:1000
begin lvm lvconvert -y -i 1 --type mirror -m1 --mirrorlog core new/a /dev/mapper/disk1
wait_for copying new-a
lvm lvrename new/a new/b
remembered[new/b]=${remembered[new/a]}
! is_reference || wait_for idle
shape 1
wait_for idle
is_reference || assert in_sync new-b
wait "$begun" || true
assert_intact new/b
