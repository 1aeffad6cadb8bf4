# SPDX-License-Identifier: LGPL-2.1-or-later
# The VG is renamed after lvpoll was started under its old name and before it has looked. It finds
# nothing and exits 0; another one finishes the move under the new name.
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 8 disk1
shape 2 5 stalled
lvm pvmove -b -i 1 /dev/mapper/disk1
wait_for copying vg-pvmove0

hold_lvpoll
shape 2
one_runs() { (($(lvpoll_runs) > 0)); }
wait_for one_runs
lvm vgrename vg new
remembered[new/a]=${remembered[vg/a]}
release_lvpoll

wait_for idle
assert in_dump 'value=0'
is_reference || assert no_device new-pvmove0
is_reference || assert_on disk2 new/a
assert_intact new/a
