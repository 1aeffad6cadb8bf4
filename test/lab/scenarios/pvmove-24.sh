# SPDX-License-Identifier: LGPL-2.1-or-later
# Twenty-four small volumes: as many segments, each committed, and watched, by one lvpoll at the
# most.
make_disks 2
make_vg vg disk1 disk2
make_lvs 4 disk1 vg/a{1..24}

lvm pvmove -i 1 /dev/mapper/disk1

assert no_device vg-pvmove0
assert_equal "volumes left on disk1" "$(lvm lvs --noheadings -a -o devices vg | grep -c disk1)" 0
assert_on disk2 vg/a{1,12,24}
assert_intact vg/a{1..24}
assert_daemon_used
assert_watched
is_resident || (($(lvpoll_runs) <= 24)) || fail "$(lvpoll_runs) lvpolls"
is_reference || assert_equal "messages that are not asked for" \
    "$(grep -cE '^lvmpolld: (notice|warning|error|fatal): ' "$daemon_log")" 2
