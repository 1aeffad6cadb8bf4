# SPDX-License-Identifier: LGPL-2.1-or-later
# The destination fails in mid-copy, and is sound again later. LVM's own tools commit the copy, say
# nothing, and the data is lost. Watched, it is not committed, whoever asks again: pvmove fails, the
# source keeps the data, and pvmove --abort is the way out.
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 32 disk1
shape 2 9 stalled
# assert_refused_again STATUS COMMAND...: asks for it, and ends with that status.
assert_refused_again() {
    local before
    before=$(refusals)
    begin "${@:2}"
    assert_exit "$1" "$begun"
    wait_for idle
    assert_equal "number of refusals after '${*:2}'" "$(refusals)" $((before + 1))
    refute no_device vg-pvmove0
    assert_intact vg/a
}

begin lvm pvmove -i 1 /dev/mapper/disk1
wait_for copied vg-pvmove0 4
shape 2 17 failing
if is_resident; then
    assert_exit 0 "$begun"
    shape 2
    assert_on disk2 vg/a
    refute intact vg/a
else
    assert_exit 5 "$begun"
    disk="disk2\|$(dmsetup info -c --noheadings --separator - -o blkdevname disk2)"
    wait_for grep "\($disk\).*pvmove --abort\|pvmove --abort.*\($disk\)" "$daemon_log"
    assert_equal "number of refusals" "$(refusals)" 1
    assert_intact vg/a
    # Without a disk, pvmove takes up all moves; before 2.03.31 it keeps their failure to itself.
    assert_refused_again "$(lvm_is_before 2.03.31 && echo 0 || echo 5)" lvm pvmove -i 1
    assert_refused_again 0 lvm vgchange --config activation/polling_interval=1 --poll y vg
    assert_refused_again 5 lvm pvmove -i 1 /dev/mapper/disk1
    # Readable again, and stale.
    shape 2
    assert_refused_again 5 lvm pvmove -i 1 /dev/mapper/disk1
    assert_equal "number of lvpolls" "$(lvpoll_runs)" 0
    lvm pvmove --abort
    assert_on disk1 vg/a
    assert_intact vg/a
fi
assert kernel_said 'Write error during recovery'
assert_daemon_used
