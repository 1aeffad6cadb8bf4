# SPDX-License-Identifier: LGPL-2.1-or-later
# pvmove0 is aborted past the daemon, and created anew for another volume: by its name the same, by
# its LVID another. The operation on the first is over, and, watched, never touches the second. A
# waiting lvpoll knows only the name, and finishes the second, too.
make_disks 2
make_vg vg disk1 disk2
make_lv vg/a 32 disk1
make_lv vg/b 8 disk1
shape 2 1 slow:1000
lvid() {
    lvm lvs -a --noheadings -o vg_uuid,lv_uuid "$1" | tr -d ' -'
}

begin lvm pvmove -i 1 -n a /dev/mapper/disk1
move=$begun
wait_for copying vg-pvmove0
old=$(lvid vg/pvmove0)
assert in_dump "lvid=\"$old\""

# Neither the daemon nor its lvpoll shall see that there is none in between.
mapfile -t asleep < <(echo "$daemon_pid"; lvpolls_now)
kill -STOP "${asleep[@]}"
lvm pvmove --abort --config global/use_lvmpolld=0
assert no_device vg-pvmove0
shape 2 5 stalled
lvm pvmove -b -i 3600 -n b --config global/use_lvmpolld=0 /dev/mapper/disk1
kill "$(pgrep -f 'pvmove -b')" # which would poll by itself
wait_for copying vg-pvmove0
new=$(lvid vg/pvmove0)
refute test "$new" = "$old"
kill -CONT "${asleep[@]}"

if is_resident; then
    refute idle
    shape 2
    assert_exit 0 "$move"
    assert_equal "number of lvpolls" "$(lvpoll_runs)" 1
else
    assert_exit 0 "$move"
    wait_for grep 'the LV is gone and another one has its name' "$daemon_log"
    shape 2
    wait_for in_sync vg-pvmove0
    # The daemon knows nothing of the second, and has nothing else to do: so it never takes it up.
    assert idle
    refute in_dump "lvid=\"$new\""
    assert in_sync vg-pvmove0
    assert_equal "number of lvpolls" "$(lvpoll_runs)" 0

    lvm vgchange --config activation/polling_interval=1 --poll y vg
    assert in_dump "lvid=\"$new\""
    wait_for idle
    assert in_dump 'value=0'
    assert_equal "number of lvpolls" "$(lvpoll_runs)" 1
fi
assert no_device vg-pvmove0
assert_on disk1 vg/a
assert_on disk2 vg/b
assert_intact vg/a vg/b
