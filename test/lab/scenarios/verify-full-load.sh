# SPDX-License-Identifier: LGPL-2.1-or-later
# A good copy passes the verification while the volume is written at full load: 32 writes at a time
# all over its first half, the half of them in 16 blocks. Reads and writes of the copy are slow.
prepare_verified_move 32
before=$(checksum vg/a 16)

begin_load full --size=16m --rw=randwrite --bs=4k \
    --random_distribution=zoned:50/1:50/99 --norandommap --ioengine=libaio --iodepth=32 \
    --serialize_overlap=1 --refill_buffers
wait_for written vg-a 500
shape 2 1 slow:5:15
begin lvm pvmove -i 1 /dev/mapper/disk1
move=$begun
wait_for grep 'verified: \|NOT committed' "$daemon_log"
assert_exit 0 "$move"
wait_for_writes vg-a 500
end_loads

assert_on disk2 vg/a
assert_equal "checksum of the second half" "$(checksum vg/a 16)" "$before"
