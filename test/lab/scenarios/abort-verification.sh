# SPDX-License-Identifier: LGPL-2.1-or-later
# An abort does not wait for a verification, also if the disk hangs that is read.
prepare_verified_move 32
shape 2 1 slow:0:3600000

begin lvm pvmove -i 1 /dev/mapper/disk1
wait_for in_sync vg-pvmove0
wait_for being_read disk2
assert in_dump '# verifying'
assert_equal "number of lvpolls" "$(lvpoll_runs)" 0
before=$SECONDS
lvm pvmove --abort
((SECONDS - before < 10)) || fail "the abort took $((SECONDS - before)) s"
assert_exit 0 "$begun"
shape 2

assert_equal "number of aborts" "$(lvpoll_runs --abort)" 1
assert_on disk1 vg/a
assert_intact vg/a
