# SPDX-License-Identifier: LGPL-2.1-or-later
# Six volumes at the default interval: watched, the move takes as long as copying and committing;
# classically an interval for each.
make_disks 2
make_vg vg disk1 disk2
make_lvs 16 disk1 vg/{a,b,c,d,e,f}
interval=()
! is_resident || interval=(-i 1)

lvm pvmove -b "${interval[@]}" /dev/mapper/disk1
deadline=30
wait_for idle

assert_on disk2 vg/{a,b,c,d,e,f}
assert_intact vg/{a,b,c,d,e,f}
assert in_dump 'value=0'
assert_watched
is_resident || (($(lvpoll_runs) <= 6)) || fail "$(lvpoll_runs) lvpolls"
