# SPDX-License-Identifier: LGPL-2.1-or-later
# An lvm shell runs several commands over one connection to the daemon.
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 4 disk1
connections() {
    grep -c " 03 .*$socket" /proc/net/unix || true
}
is_on() {
    [[ $(disks_of vg/a) == "$1" ]]
}

coproc shell { lvm 2>&1; }
shell_pid=$shell_PID
echo 'pvmove -i 1 /dev/mapper/disk1' >&"${shell[1]}"
wait_for is_on disk2
assert_equal "number of connections" "$(connections)" 1
echo 'pvmove -i 1 /dev/mapper/disk2' >&"${shell[1]}"
wait_for is_on disk1
assert_equal "number of connections" "$(connections)" 1
echo 'pvmove -b -i 1 /dev/mapper/disk1' >&"${shell[1]}"
wait_for is_on disk2
echo exit >&"${shell[1]}"
wait "$shell_pid"

assert_equal "number of lvpolls" "$(lvpoll_runs)" 3
assert_intact vg/a
