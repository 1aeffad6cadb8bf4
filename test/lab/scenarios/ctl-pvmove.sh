# SPDX-License-Identifier: LGPL-2.1-or-later
# lvmpollctl shows a move, waits for it, aborts one, whichever daemon polls it, and without any.
. "$guest/ctl.sh"
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 16 disk1
shape 2 5 stalled

lvm pvmove -b -i 1 /dev/mapper/disk1
wait_for copying vg-pvmove0
wait_for shown '^vg/pvmove0 +move +/dev/mapper/disk1 -> /dev/mapper/disk2 .* copying'
lvmpollctl wait /dev/mapper/disk2 --for pvmove >/run/lab/waited &
waiting=$!
lvmpollctl watch vg >/run/lab/watched &
watching=$!
wait_for test -s /run/lab/waited
wait_for test -s /run/lab/watched
shape 2
assert_exit 0 "$waiting"
assert_exit 0 "$watching"
assert grep -q '^vg/pvmove0: move done, 16 MiB' /run/lab/waited
assert grep -qE 'Z vg/pvmove0 move [0-9]+%, copying' /run/lab/watched
assert_on disk2 vg/a

shape 1 1 slow:1000
lvm pvmove -b -i 1 /dev/mapper/disk2
wait_for copying vg-pvmove0
assert lvmpollctl abort vg
assert no_device vg-pvmove0
assert_on disk2 vg/a

shape 1 5 stalled
wait_for idle
stop_daemon
lvm pvmove -b -i 1 --config global/use_lvmpolld=0 /dev/mapper/disk2
wait_for copying vg-pvmove0
wait_for shown '^vg/pvmove0 .* copying, not polled by lvmpolld'
assert shown '^No lvmpolld runs'
lvmpollctl wait vg/pvmove0 >/run/lab/waited &
waiting=$!
wait_for test -s /run/lab/waited
shape 1
assert_exit 0 "$waiting"
assert grep -q '^vg/pvmove0: move gone' /run/lab/waited
assert no_socket
assert_on disk1 vg/a
assert_intact vg/a
