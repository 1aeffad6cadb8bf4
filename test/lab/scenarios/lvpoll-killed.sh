# SPDX-License-Identifier: LGPL-2.1-or-later
# An lvpoll killed by a signal: the pvmove that waits fails and names it; the move can be taken up
# again.
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 8 disk1

hold_lvpoll
begin lvm pvmove -i 1 /dev/mapper/disk1 2>/run/lab/output
wait_for lvpoll_running
kill -KILL "$(lvpolls_now)"
rm /run/lab/hold
assert_exit 5 "$begun"
grep -i 'signal.*9\|9.*signal' /run/lab/output
assert_intact vg/a

lvm pvmove -i 1
assert_on disk2 vg/a
assert_intact vg/a
