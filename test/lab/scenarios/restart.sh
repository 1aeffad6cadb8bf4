# SPDX-License-Identifier: LGPL-2.1-or-later
# The daemon is stopped in mid-copy, and another started: it goes on by itself, and vgchange --poll
# y joins. The reference needs vgchange --poll y.
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 8 disk1
make_lv vg/b 8 disk1
shape 2 5 stalled

lvm pvmove -b -i 1 /dev/mapper/disk1
wait_for copying vg-pvmove0
stop_daemon
is_reference || refute lvpoll_running
start_daemon
if is_reference; then
    assert idle
else
    refute idle
    assert in_dump 'init_requests_count=0'
fi
lvm vgchange --config activation/polling_interval=1 --poll y vg
refute idle
assert_equal "number of operations" "$(request dump | grep -c 'lvid=')" 1
assert in_dump 'init_requests_count=1'
shape 2
wait_for idle

assert in_dump 'value=0'
assert no_device vg-pvmove0
assert_on disk2 vg/a vg/b
assert_intact vg/a vg/b
