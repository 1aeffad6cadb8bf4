# SPDX-License-Identifier: LGPL-2.1-or-later
# A good copy passes the verification while programs rewrite single blocks of it as fast as they
# can: where reads of the copy are slow, where its writes are slow, and where all is fast.
! is_resident || skip "only a watched move is verified"
stop_daemon
start_daemon --verify=always
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 32 disk1

last_quarter() {
    dd if=/dev/vg/a bs=1M skip=24 iflag=direct status=none | md5sum
}
before=$(last_quarter)

# rewrite MIB: the block there, one write after the other, each with another content.
rewrite() {
    exec fio --name="block-$1" --filename=/dev/vg/a --offset="$1m" --size=4k --io_size=1t \
        --rw=write --bs=4k --direct=1 \
        --refill_buffers --time_based --runtime=300 --eta=never --output="$logs/fio-$1"
}
hot=()
for mebibyte in 2 7 15; do
    begin rewrite "$mebibyte"
    hot+=("$begun")
done
wait_for written vg-a 500

# Each segment of the disk is read slowly, written slowly, or as fast as it can be.
shape 2 1 slow:0:15 7 slow:15:0 13 sound
begin lvm pvmove -i 1 /dev/mapper/disk1
move=$begun
wait_for grep 'verified: \|NOT committed' "$daemon_log"
written=$(writes vg-a)
wait_for written vg-a $((written + 100))
kill -INT "${hot[@]}"
wait "${hot[@]}" || true
assert_exit 0 "$move"

grep -h 'err= 0' $logs/fio-*
refute grep 'NOT committed' "$daemon_log"
assert_on disk2 vg/a
assert_equal "checksum of the last quarter" "$(last_quarter)" "$before"
