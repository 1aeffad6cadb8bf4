# SPDX-License-Identifier: LGPL-2.1-or-later
# The poller is killed and nothing of the move is recorded: with --adopt the next daemon finds and
# finishes it by itself.
! is_reference || skip "the reference adopts nothing"
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 8 disk1
shape 2 5 stalled

lvm pvmove -b -i 1 /dev/mapper/disk1
wait_for copying vg-pvmove0
kill_daemon
for orphan in $(lvpolls_now); do
    kill "$orphan"
done
rm -r "$socket.state"
start_daemon --adopt
assert idle
shape 2
wait_for in_sync vg-pvmove0
deadline=90
wait_for no_device vg-pvmove0

assert_on disk2 vg/a
assert_intact vg/a
assert in_dump 'value=0'
