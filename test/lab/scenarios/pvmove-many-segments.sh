# SPDX-License-Identifier: LGPL-2.1-or-later
# lvm splits the move of one volume into many segments: each is committed by one lvpoll, at once.
lvm lvmconfig --type default allocation/pvmove_max_segment_size_mb >/dev/null 2>&1 ||
    skip "lvm2 does so since 2.03.36"
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 64 disk1

lvm pvmove -i 1 --config allocation/pvmove_max_segment_size_mb=4 /dev/mapper/disk1
assert no_device vg-pvmove0
assert_on disk2 vg/a
assert_intact vg/a
assert_daemon_used
assert_watched
is_resident || assert_equal "number of lvpolls" "$(lvpoll_runs)" 16
