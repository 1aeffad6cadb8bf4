# SPDX-License-Identifier: LGPL-2.1-or-later
# Several disks moved at once, two of them in the same VG.
make_disks 6 64
make_vg vg disk1 disk2 disk3 disk4
make_vg other disk5 disk6
make_lv vg/a 16 disk1
make_lv vg/b 16 disk3
make_lv other/c 16 disk5
shape 2 5 stalled
shape 4 5 stalled
shape 6 5 stalled

moves=()
begin lvm pvmove -i 1 /dev/mapper/disk1 /dev/mapper/disk2
moves+=("$begun")
wait_for in_dump 'lvname="vg/pvmove0"'
begin lvm pvmove -i 1 /dev/mapper/disk3 /dev/mapper/disk4
moves+=("$begun")
begin lvm pvmove -i 1 /dev/mapper/disk5
moves+=("$begun")
wait_for in_dump 'lvname="vg/pvmove1"'
wait_for in_dump 'lvname="other/pvmove0"'
shape 2
shape 4
shape 6
for move in "${moves[@]}"; do
    assert_exit 0 "$move"
done

assert_on disk2 vg/a
assert_on disk4 vg/b
assert_on disk6 other/c
assert_intact vg/a vg/b other/c
assert_watched
is_resident || assert_equal "number of lvpolls" "$(lvpoll_runs)" 3
