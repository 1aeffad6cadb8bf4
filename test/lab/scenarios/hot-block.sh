# SPDX-License-Identifier: LGPL-2.1-or-later
# A good copy passes the verification while programs rewrite single blocks of it as fast as they
# can: where reads of the copy are slow, where its writes are slow, and where all is fast.
prepare_verified_move 32
before=$(checksum vg/a 24)

# The block there, one write after the other, each with another content.
for mebibyte in 2 7 15; do
    begin_load "block-$mebibyte" --offset="${mebibyte}m" --size=4k --io_size=1t --rw=write --bs=4k \
        --refill_buffers
done
wait_for written vg-a 500

# Each segment of the disk is read slowly, written slowly, or as fast as it can be.
shape 2 1 slow:0:15 7 slow:15:0 13 sound
begin lvm pvmove -i 1 /dev/mapper/disk1
move=$begun
wait_for grep 'verified: \|NOT committed' "$daemon_log"
wait_for_writes vg-a 100
end_loads
assert_exit 0 "$move"

refute grep 'NOT committed' "$daemon_log"
assert_on disk2 vg/a
assert_equal "checksum of the last quarter" "$(checksum vg/a 24)" "$before"
