# SPDX-License-Identifier: LGPL-2.1-or-later
# The daemon is stopped in mid-copy, and another started: it goes on by itself. The reference needs vgchange --poll y.
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
    lvm vgchange --config activation/polling_interval=1 --poll y vg
fi
refute idle
shape 2
wait_for idle

assert no_device vg-pvmove0
assert_on disk2 vg/a vg/b
assert_intact vg/a vg/b
