# SPDX-License-Identifier: LGPL-2.1-or-later
# A move that nobody polls is seen and waited for. The daemon adopts it, and the wait goes on until it has finished it.
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
assert seen '"identifier":"kernel-1".*"polledBy":"nobody"'
varlink Wait '{"filter":{"volumeGroup":"vg"}}' >/run/lab/waited &
waiting=$!
wait_for test -s /run/lab/waited
shape 2
wait_for in_sync vg-pvmove0
deadline=90
wait_for no_device vg-pvmove0
assert_exit 0 "$waiting"
assert grep -q '"identifier":"kernel-1".*"ending":"takenOver"' /run/lab/waited
assert grep -q '"ended":\[.*"identifier":"poll-1".*"ending":"completed"' /run/lab/waited
assert_on disk2 vg/a
assert_intact vg/a
