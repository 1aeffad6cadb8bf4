# SPDX-License-Identifier: LGPL-2.1-or-later
# A move that nobody polls is seen and waited for. The daemon adopts it, and the wait goes on until
# it has finished it.
. "$guest/varlink.sh"
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 8 disk1
shape 2 5 stalled

lvm pvmove -b -i 1 /dev/mapper/disk1
wait_for copying vg-pvmove0
! is_resident || wait_for lvpoll_running
kill_daemon
kill_orphans
rm -r "$socket.state"
start_daemon --adopt
assert seen '"identifier":"kernel-1".*"polledBy":"nobody"'
begin_wait '{"volumeGroup":"vg"}'
shape 2
wait_for in_sync vg-pvmove0
deadline=90
wait_for no_device vg-pvmove0
end_wait
assert grep -q '"identifier":"kernel-1".*"ending":"takenOver"' "$replies"
assert grep -q '"ended":\[.*"identifier":"poll-1".*"ending":"completed"' "$replies"
assert_on disk2 vg/a
assert_intact vg/a
