# SPDX-License-Identifier: LGPL-2.1-or-later
# A move's lvpoll holds the VG's lock for long, for it can't write its metadata, while another move
# of that VG gets in sync: this one waits its turn, and both finish.
make_disks 5
make_vg vg disk1 disk2 disk3 disk4 disk5
begin_two_moves
wait_for copying vg-pvmove1
shape 5 0 stalled
shape 2
wait_for being_written disk5
holder=$(pgrep -f 'lvm lvpoll .*vg/pvmove0')
assert holds_lock "$holder"

shape 4
wait_for in_sync vg-pvmove1
if is_resident; then
    assert pgrep -f 'lvm lvpoll .*vg/pvmove1'
else
    wait_for in_dump 'waiting for its turn in vg'
    assert_equal "lvpolls" "$(lvpolls_now)" "$holder"
    assert_equal "number of lvpolls for the second move" "$(lvpoll_runs vg/pvmove1)" 0
fi
assert holds_lock "$holder"
assert in_sync vg-pvmove0
shape 5
assert_exit 0 "$first"
assert_exit 0 "$second"

is_resident || assert_equal "number of lvpolls" "$(lvpoll_runs)" 2
assert no_device vg-pvmove0
assert no_device vg-pvmove1
assert_on disk2 vg/a
assert_on disk4 vg/b
assert_intact vg/a vg/b
