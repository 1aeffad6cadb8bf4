# SPDX-License-Identifier: LGPL-2.1-or-later
# The LV is inactive when polling is asked for, so that an lvpoll decides that this is the end; but
# before it looks, the LV is activated. Watched, that lvpoll is retired, for it knows of no bad
# copies, and the copy is watched like any other.
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 16 disk1
make_lv vg/b 8 disk1
shape 2 1 slow:1000

lvm pvmove -b -i 1 /dev/mapper/disk1
wait_for copying vg-pvmove0
lvid=$(lvm lvs -a --noheadings -o vg_uuid,lv_uuid vg/pvmove0 | tr -d ' -')
lvm vgchange -an vg
wait_for idle
shape 2 5 stalled
: >"$lvpolls"

hold_lvpoll
request pvmove "lvid=\"$lvid\"" 'vgname="vg"' 'lvname="pvmove0"' 'interval="1"'
wait_for lvpoll_running
decider=$(lvpolls_now)
lvm vgchange -ay --poll n vg
wait_for copying vg-pvmove0
if is_resident; then
    release_lvpoll
else
    deadline=20
    wait_for in_dump '# watching'
    refute kill -0 "$decider"
    refute lvpoll_running
    rm /run/lab/hold
fi
refute idle
shape 2
wait_for idle

assert in_dump 'value=0'
! is_resident || assert_equal "number of lvpolls" "$(lvpoll_runs)" 1
assert no_device vg-pvmove0
assert_on disk2 vg/a vg/b
assert_intact vg/a vg/b
