# SPDX-License-Identifier: LGPL-2.1-or-later
# lvmpollctl waits for a RAID that gets in sync, and for a merge, which raise no event at their end.
. "$guest/ctl.sh"
make_disks 2
make_vg vg disk1 disk2
lvm lvcreate -q -y --type raid1 -m1 --maxrecoveryrate 4m -L 16m -n r vg

wait_for shown '^vg/r +RAID sync .* 16 MiB .*running'
assert lvmpollctl wait vg --for raid >/run/lab/waited
assert grep -q '^vg/r: RAID sync done, 16 MiB$' /run/lab/waited
status=0
lvmpollctl wait --quiet || status=$?
assert_equal "exit status with nothing to wait for" "$status" 3

lvm lvchange -q --syncaction check vg/r
wait_for shown '^vg/r +RAID scrub '
status=0
lvmpollctl abort vg/r 2>/run/lab/refusal || status=$?
assert_equal "exit status of an abort of a scrub" "$status" 1
assert grep -q 'vg/r is no move but a RAID scrub' /run/lab/refusal
assert lvmpollctl wait vg/r

make_lv vg/a 16 disk1
lvm lvcreate -q -y -s -n s -L 12m vg/a /dev/mapper/disk2
scribble vg/a 8
shape 1 1 stalled
lvm lvconvert -b -i 1 --merge vg/s
wait_for shown '^vg/a +merge '
lvmpollctl wait vg/a --for merge >/run/lab/waited &
waiting=$!
wait_for test -s /run/lab/waited
shape 1
assert_exit 0 "$waiting"
assert grep -q '^vg/a: merge done' /run/lab/waited
assert_intact vg/a
