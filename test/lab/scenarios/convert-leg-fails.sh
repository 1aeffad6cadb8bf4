# SPDX-License-Identifier: LGPL-2.1-or-later
# The new leg of a conversion fails in part: the kernel copies nothing more, and lvm waits for ever.
# The daemon says so once, with the disk and a command that takes it out, which ends the conversion.
make_disks 3
make_vg vg disk1 disk2 disk3
make_lv vg/a 16 disk1
shape 2 5 failing 9 sound

begin lvm lvconvert -y -i 1 --type mirror -m1 vg/a /dev/mapper/disk2 /dev/mapper/disk3
wait_for kernel_said 'Write error during recovery'
wait_for copied vg-a 6
if ! is_resident; then
    wait_for grep 'warning: .*stuck: the leg on /dev/mapper/disk2 (dm-[0-9]*) failed' "$daemon_log"
    wait_for grep 'warning: .*`lvconvert -m… vg/a /dev/mapper/disk2`' "$daemon_log"
    assert in_dump 'stuck: the leg on /dev/mapper/disk2'
    assert_equal "number of lvpolls" "$(lvpoll_runs)" 0
fi
refute in_sync vg-a

lvm lvconvert -y -m0 vg/a /dev/mapper/disk2
assert_exit 5 "$begun"
wait_for idle
assert_equal "number of warnings" "$(grep -c 'warning: .*stuck' "$daemon_log")" \
    "$(is_resident && echo 0 || echo 1)"
assert_on disk1 vg/a
assert_intact vg/a
assert_daemon_used
