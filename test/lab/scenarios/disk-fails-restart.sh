# SPDX-License-Identifier: LGPL-2.1-or-later
# The destination fails in mid-copy, the copy is refused, and the disk is sound again, with stale
# data. Daemons that come later, after a stop or a death of the first, refuse the copy as well,
# though the kernel's log tells nothing of it any more.
! is_resident || skip "only a watched move is verified"
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 32 disk1
shape 2 9 stalled

begin lvm pvmove -i 1 /dev/mapper/disk1
wait_for copied vg-pvmove0 4
shape 2 17 failing
assert_exit 5 "$begun"
shape 2
assert_equal "number of refusals" "$(refusals)" 1

stop_daemon
# What the kernel has said of it is forgotten.
echo on >/proc/sys/kernel/printk_devkmsg
for line in {1..8000}; do
    echo "$line is no error" >/dev/kmsg
done
refute kernel_said 'Write error during recovery'
start_daemon
lvm vgchange --config activation/polling_interval=1 --poll y vg
wait_for idle
refute no_device vg-pvmove0
assert_equal "number of refusals" "$(refusals)" 2
kill_daemon
start_daemon
begin lvm pvmove -i 1 /dev/mapper/disk1
assert_exit 5 "$begun"
assert_equal "number of refusals" "$(refusals)" 3
assert_equal "number of lvpolls" "$(lvpoll_runs)" 0

assert_intact vg/a
lvm pvmove --abort
assert_on disk1 vg/a
assert_intact vg/a
