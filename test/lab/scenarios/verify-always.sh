# SPDX-License-Identifier: LGPL-2.1-or-later
# A healthy move of a volume under constant writes to its first half passes the verification.
prepare_verified_move 32
before=$(checksum vg/a 16)

begin_load random --size=16m --rw=randwrite --bs=4k \
    --verify=crc32c --verify_backlog=256 --verify_fatal=1
wait_for written vg-a 500
lvm pvmove -i 1 /dev/mapper/disk1
wait_for_writes vg-a 500
end_loads

wait_for grep 'verified: ' "$daemon_log"
assert_on disk2 vg/a
assert_equal "checksum of the second half" "$(checksum vg/a 16)" "$before"
