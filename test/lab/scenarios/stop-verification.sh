# SPDX-License-Identifier: LGPL-2.1-or-later
# A disk hangs while it is verified, and the daemon is told to stop: the command that waits isn't
# left waiting, and the next daemon serves and goes on while the old one's process may still hang.
prepare_verified_move 8
shape 2 1 slow:0:3600000

begin lvm pvmove -i 1 /dev/mapper/disk1
wait_for in_sync vg-pvmove0
wait_for being_read disk2
before=$SECONDS
kill -TERM "$daemon_pid"
wait_for no_socket
((SECONDS - before < 5)) || fail "the daemon waited $((SECONDS - before)) s"
refute wait "$begun"
hung_daemon=$daemon_pid
start_daemon --verify=always
refute idle

shape 2
wait_for idle
assert_exit 0 "$hung_daemon"
assert no_device vg-pvmove0
assert_on disk2 vg/a
assert_intact vg/a
