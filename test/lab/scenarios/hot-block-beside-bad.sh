# SPDX-License-Identifier: LGPL-2.1-or-later
# A sector of the copy is bad, and the one beside it is rewritten all the time: the copy is refused.
# So it is when the disk loses the writes to the hot sector without an error.
prepare_verified_move 16
modprobe dm-flakey

# The first extents of the volume begin at MiB 1 of the disk. Sector 0 of MiB 4 of the volume is
# hot, sector 1 is damaged.
begin_load hot --offset=4m --size=512 --io_size=1t --rw=write --bs=512 --refill_buffers
wait_for written vg-a 500
shape 2 1 slow:0:5000
begin lvm pvmove -i 1 /dev/mapper/disk1
move=$begun
wait_for in_sync vg-pvmove0
wait_for being_read disk2
head -c 512 /dev/urandom |
    dd of="${disk_loop[2]}" bs=512 seek=$((5 * 2048 + 1)) oflag=direct conv=notrunc status=none
shape 2 1 slow:0:15
assert_exit 5 "$move"
wait_for grep "the copy at sector $((5 * 2048 + 1)) of .* in 1 sectors" "$daemon_log"
assert_equal "number of lvpolls" "$(lvpoll_runs)" 0
lvm pvmove --abort
assert_on disk1 vg/a

# The disk acknowledges writes to MiB 5 and drops them.
lose_writes() {
    local loop=${disk_loop[2]}
    {
        echo "0 $((5 * 2048)) linear $loop 0"
        echo "$((5 * 2048)) 2048 flakey $loop $((5 * 2048)) 0 3600 1 drop_writes"
        echo "$((6 * 2048)) $((250 * 2048)) linear $loop $((6 * 2048))"
    } | dmsetup load disk2
    dmsetup suspend --noflush --nolockfs disk2
    dmsetup resume disk2
}
shape 2 1 stalled
begin lvm pvmove -i 1 /dev/mapper/disk1
move=$begun
wait_for being_written disk2
lose_writes
assert_exit 5 "$move"
assert_equal "number of refusals" "$(refusals)" 2
assert_equal "number of lvpolls that are no abort" "$(($(lvpoll_runs) - $(lvpoll_runs --abort)))" 0
end_loads
lvm pvmove --abort
assert_on disk1 vg/a
