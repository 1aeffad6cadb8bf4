# SPDX-License-Identifier: LGPL-2.1-or-later
# A healthy move of a volume under constant writes to its first half passes the verification.
! is_resident || skip "only a watched move is verified"
stop_daemon
start_daemon --verify=always
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 32 disk1

second_half() {
    dd if=/dev/vg/a bs=1M skip=16 iflag=direct status=none | md5sum
}
before=$(second_half)

begin fio --name=load --filename=/dev/vg/a --size=16m --rw=randwrite --bs=4k --direct=1 \
    --time_based --runtime=300 \
    --verify=crc32c --verify_backlog=256 --verify_fatal=1 --eta=never --output=$logs/fio
load=$begun
wait_for written vg-a 500
lvm pvmove -i 1 /dev/mapper/disk1
written=$(writes vg-a)
wait_for written vg-a $((written + 500))
kill -INT "$load"
wait "$load" || true

grep 'err= 0' $logs/fio
grep 'verified: ' "$daemon_log"
assert_on disk2 vg/a
assert_equal "checksum of the second half" "$(second_half)" "$before"
