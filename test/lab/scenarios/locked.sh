# SPDX-License-Identifier: LGPL-2.1-or-later
# Two moves of a VG get in sync while some other program holds its lock: each waits its turn, and
# both finish.
make_disks 4
make_vg vg disk1 disk2 disk3 disk4
begin_two_moves
lock_vg vg
shape 2
shape 4
wait_for in_sync vg-pvmove0
wait_for in_sync vg-pvmove1
wait_for lvpoll_running
if ! is_resident; then
    # One has its lvpoll, and the other one waits for it.
    wait_for in_dump 'waiting for its turn in vg'
    assert_equal "number of lvpolls" "$(lvpoll_runs)" 1
    assert lvpoll_running
fi
unlock_vg
assert_exit 0 "$first"
assert_exit 0 "$second"

assert_on disk2 vg/a
assert_on disk4 vg/b
assert_intact vg/a vg/b
