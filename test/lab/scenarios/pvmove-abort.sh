# SPDX-License-Identifier: LGPL-2.1-or-later
# pvmove --abort in mid-copy: what isn't moved stays on the source, and the pvmove that waits ends
# as if it had finished.
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 4 disk1
make_lv vg/b 32 disk1
shape 2 1 slow:1000

begin lvm pvmove -i 1 /dev/mapper/disk1
wait_for copying vg-pvmove0 4
lvm pvmove --abort
assert no_device vg-pvmove0
assert_exit 0 "$begun"

assert_on disk2 vg/a
assert_on disk1 vg/b
assert_intact vg/a vg/b
assert_equal "number of aborts" "$(lvpoll_runs --abort)" 1
refute lvpoll_running
