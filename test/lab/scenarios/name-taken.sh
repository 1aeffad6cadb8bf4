# SPDX-License-Identifier: LGPL-2.1-or-later
# An lvpoll is to decide about an LV that is gone, and has not looked yet when another LV takes its
# name. Watched, that lvpoll is told to end when the kernel creates the other one, long before its
# interval is over. The other engine lets it look.
make_disks 1
make_vg vg disk1
gone=$(printf 'g%.0s' {1..64})

hold_lvpoll
request merge "lvid=\"$gone\"" 'vgname="vg"' 'lvname="lv"' 'interval="3600"'
wait_for lvpoll_running
decider=$(lvpolls_now)
make_lv vg/lv 8 disk1
if is_resident; then
    release_lvpoll
else
    deadline=20
    wait_for grep 'the LV is gone and another one has its name' "$daemon_log"
    refute kill -0 "$decider"
    rm /run/lab/hold
fi
wait_for idle

assert in_dump 'value=0'
assert_equal "number of lvpolls" "$(lvpoll_runs)" 1
assert_intact vg/lv
