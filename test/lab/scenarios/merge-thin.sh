# SPDX-License-Identifier: LGPL-2.1-or-later
# A thin snapshot whose origin is in use is merged at the origin's next activation, and the daemon
# settles it.
make_disks 1
make_vg vg disk1
lvm lvcreate -q -y --type thin-pool -L 32m -n pool vg
lvm lvcreate -q -y -V 16m -T vg/pool -n a
fill vg/a

lvm lvcreate -q -y -s -n s vg/a
scribble vg/a 8
exec {open}<>/dev/vg/a
lvm lvconvert -i 1 --merge vg/s
exec {open}<&-
assert idle
lvm lvchange -an vg/a
lvm lvchange -ay vg/a
wait_for in_dump 'type="merge_thin"'
wait_for idle

assert in_dump 'value=0'
refute lvm lvs vg/s
assert_intact vg/a
assert_daemon_used
