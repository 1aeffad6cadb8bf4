# SPDX-License-Identifier: LGPL-2.1-or-later
# The poller is killed and nothing of the move is recorded: with --adopt the next daemon finds it by
# itself, and finishes it once it has waited for half a minute.
! is_reference || skip "the reference adopts nothing"
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
: >"$lvpolls"
start_daemon --adopt
assert_equal "operations before the copy is done" "$(request dump | grep -c lvid=)" 0
shape 2
wait_for in_sync vg-pvmove0
read -r synced rest </proc/uptime
deadline=90
wait_for no_device vg-pvmove0
wait_for idle

wait_for grep 'warning: .*vg/pvmove0.*: nobody polls it; adopted' "$daemon_log"
assert_equal "number of lvpolls" "$(lvpoll_runs)" 1
read -r started rest <"$lvpolls"
# It looks every 15 s; what has not changed for two looks is adopted.
((${started%.*} - ${synced%.*} >= 28)) || fail "adopted at $started s, in sync at $synced s"
assert_on disk2 vg/a
assert_intact vg/a
assert in_dump 'type="pvmove"'
assert in_dump 'value=0'
assert_equal "operations" "$(request dump | grep -c lvid=)" 1
