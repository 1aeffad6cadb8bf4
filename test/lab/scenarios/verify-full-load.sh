# SPDX-License-Identifier: LGPL-2.1-or-later
# A good copy passes the verification while the volume is written at full load: 32 writes at a time
# all over its first half, the half of them in 16 blocks. Reads and writes of the copy are slow.
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
    --random_distribution=zoned:50/1:50/99 --norandommap --ioengine=libaio --iodepth=32 \
    --serialize_overlap=1 --refill_buffers --time_based --runtime=300 \
    --eta=never --output=$logs/fio
load=$begun
wait_for written vg-a 500
shape 2 1 slow:5:15
begin lvm pvmove -i 1 /dev/mapper/disk1
move=$begun
wait_for grep 'verified: \|NOT committed' "$daemon_log"
assert_exit 0 "$move"
written=$(writes vg-a)
wait_for written vg-a $((written + 500))
kill -INT "$load"
wait "$load" || true

grep 'err= 0' $logs/fio
assert_on disk2 vg/a
assert_equal "checksum of the second half" "$(second_half)" "$before"
