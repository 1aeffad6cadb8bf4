# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# A shared volume group on this one host: lvmlockd asks sanlock for its locks, which are on disk3.
# Sourced by a scenario.

# sanlock's timeout for a disk is 10 s by default. It takes two of them to join a group, and a host
# that a loaded machine stops for eight of them has lost its locks.
start_lock_managers() {
    local settings=/run/systemd/system/lvmlockd.service.d
    mkdir -p "$settings"
    printf '%s\n' '[Service]' ExecStart= \
        'ExecStart=/sbin/lvmlockd --foreground --sanlock-timeout 5' >"$settings/scenario.conf"
    systemctl --quiet --runtime mask wdmd.service # there is no watchdog
    mkdir -p /etc/sanlock
    echo 'use_watchdog = 0' >/etc/sanlock/sanlock.conf
    systemctl daemon-reload
    printf '%s\n' 'global/use_lvmlockd = 1' 'local/host_id = 1' >>/etc/lvm/lvmlocal.conf
    systemctl start sanlock.service lvmlockd.service
}

# The first disk of a shared group has the locks, and nothing can be moved off it.
make_shared_volume() {
    make_disks disk1 disk2 disk3
    vgcreate --quiet --shared lab /dev/mapper/disk3
    vgextend --quiet lab /dev/mapper/disk1 /dev/mapper/disk2
    fill_volume
    say "the group is shared: $(vgs --noheadings -o vg_shared,lock_type lab)"
}

# move [OPTION...] FROM TO: in a shared group, pvmove wants to be told whose extents.
move() {
    pvmove --interval 1 --name data "${@:1:$# - 2}" "/dev/mapper/${*: -2:1}" "/dev/mapper/${*: -1}"
}

is_resident() {
    grep -q '# resident' < <(lvmpolld --dump)
}

# No command or daemon is left that has the group's lock.
group_is_unlocked() {
    ! grep -q '^LK VG [es]' < <(lvmlockctl --info)
}
