# SPDX-License-Identifier: LGPL-2.1-or-later
# The abort comes when a segment is in sync and the lvpoll that is to commit it has just begun: with
# the first one everything stays, with the second one what the first one has moved is moved.
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 8 disk1
make_lv vg/b 8 disk1

# abort_at_the_held_lvpoll PID: of the pvmove that waits
abort_at_the_held_lvpoll() {
    wait_for in_sync vg-pvmove0
    wait_for lvpoll_running
    begin lvm pvmove --abort
    wait_for no_device vg-pvmove0
    release_lvpoll
    assert_exit 0 "$begun"
    assert_exit 0 "$1"
}

hold_lvpoll
begin lvm pvmove -i 1 /dev/mapper/disk1
abort_at_the_held_lvpoll "$begun"

assert_on disk1 vg/a vg/b
assert_intact vg/a vg/b
refute lvpoll_running

# A waiting lvpoll can't be held there.
if ! is_resident; then
    shape 2 11 stalled
    begin lvm pvmove -i 1 /dev/mapper/disk1
    move=$begun
    wait_for copying vg-pvmove0 8
    wait_for in_dump '# watching'
    hold_lvpoll
    shape 2
    abort_at_the_held_lvpoll "$move"

    assert_on disk2 vg/a
    assert_on disk1 vg/b
    assert_intact vg/a vg/b
    refute lvpoll_running
fi
