# SPDX-License-Identifier: LGPL-2.1-or-later
# Somebody holds the device of a pvmove open. lvm commits the move, cannot remove that device,
# leaves an LV of an error target and fails. The data is moved, the daemon names the way out, and
# nobody adopts what is left, while a copy that nobody polls is adopted.
make_disks 4
make_vg vg disk1 disk2
make_lv vg/a 16 disk1
shape 2 5 stalled

begin lvm pvmove -i 1 /dev/mapper/disk1
wait_for copying vg-pvmove0
move=$begun
begin tail -f /dev/null </dev/mapper/vg-pvmove0
holder=$begun
shape 2
assert_exit 5 "$move"
assert_on disk2 vg/a
assert_intact vg/a
assert grep -q ' error' <(dmsetup table vg-pvmove0)
is_reference ||
    wait_for grep 'error: .*vg/pvmove0 is left behind.*`lvremove vg/pvmove0`' "$daemon_log"

if ! is_resident; then
    make_vg other disk3 disk4
    make_lv other/b 8 disk3
    shape 4 5 stalled
    lvm pvmove -b -i 1 /dev/mapper/disk3
    wait_for copying other-pvmove0
    stop_daemon
    rm -r "$socket.state"
    start_daemon --adopt
    shape 4
    wait_for in_dump 'lvname="other/pvmove0"'
    refute in_dump 'lvname="vg/pvmove0"'
    wait_for no_device other-pvmove0
    assert_on disk4 other/b
fi

kill "$holder"
wait "$holder" || true
lvm lvremove -q -y vg/pvmove0
assert no_device vg-pvmove0
assert_intact vg/a
