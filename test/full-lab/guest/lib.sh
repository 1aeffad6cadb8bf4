# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the scenarios of the full lab share: two disks whose writes can be held back, volumes with
# known content, the state of lvmpolld's unit, and assertions. Every wait has a bound.
export LC_ALL=C SYSTEMD_COLORS=0 SYSTEMD_URLIFY=0 SYSTEMD_PAGER='' LVM_SUPPRESS_FD_WARNINGS=1

unit=lvm2-lvmpolld.service
volume_mib=32
deadline=60
fraction=' ([0-9]+)/([0-9]+) '

# --- assertions

say() {
    local uptime
    read -r uptime _ </proc/uptime
    echo "[$uptime] $*"
}

fail() {
    say "FAILED: $*"
    dmsetup status || true
    ps -eo pid,ppid,stat,cgroup:40,args | grep -E '[l]vm|[p]vmove|[l]vconvert' || true
    exit 1
}

# expect DESCRIPTION COMMAND...
expect() {
    "${@:2}" || fail "$1"
    say "ok: $1"
}

# expect_not DESCRIPTION COMMAND...
expect_not() {
    ! "${@:2}" || fail "$1"
    say "ok: $1"
}

# eventually DESCRIPTION COMMAND...: within $deadline seconds
eventually() {
    local end=$(( SECONDS + deadline ))
    until "${@:2}"; do
        (( SECONDS < end )) || fail "$1 (within $deadline s)"
        sleep 0.2
    done
    say "ok: $1"
}

# lives_for SECONDS PID: the process doesn't end before that.
lives_for() {
    ! timeout "$1" tail --pid="$2" -f /dev/null
}

# ends_with STATUS PID: the child ends with that exit status, within $deadline seconds.
ends_with() {
    local status=0
    timeout "$deadline" tail --pid="$2" -f /dev/null || return
    wait "$2" || status=$?
    [[ $status == "$1" ]] || { say "exit status $status"; return 1; }
}

# --- disks and volumes

# disk NAME TABLE-LINE...: gives the device-mapper disk a new table, and lets go what the old one
# held back.
disk() {
    dmsetup reload "$1" --table "$(printf '%s\n' "${@:2}")"
    dmsetup suspend "$1"
    dmsetup resume "$1"
}

declare -A backing=([disk1]=/dev/ubdb [disk2]=/dev/ubdc [disk3]=/dev/ubdd)

make_disks() {
    local name size
    for name; do
        size=$(blockdev --getsz "${backing[$name]}")
        dmsetup create "$name" --table "0 $size linear ${backing[$name]} 0"
    done
}

# hold DISK [MILLISECONDS]: from the middle of the first volume on, what is written to the disk is
# on the way for so long, by default until it is released.
hold() {
    local device=${backing[$1]} middle=$(( 2048 + volume_mib * 1024 )) size place
    size=$(blockdev --getsz "$device")
    place="$device $middle"
    disk "$1" "0 $middle linear $device 0" \
        "$middle $(( size - middle )) delay $place 0 $place ${2-1000000} $place 0"
}

release() {
    local device=${backing[$1]}
    disk "$1" "0 $(blockdev --getsz "$device") linear $device 0"
}

# Random bytes, the second half first: a merge goes backwards and so reaches what hold() holds in
# the middle.
fill() {
    local half=$(( volume_mib / 2 ))
    dd if=/dev/urandom of="$1" bs=1M count=$half seek=$half oflag=direct status=none
    dd if=/dev/urandom of="$1" bs=1M count=$half oflag=direct status=none
}

checksum() {
    dd if="$1" bs=1M iflag=direct status=none | md5sum
}

make_volume() {
    make_disks disk1 disk2
    vgcreate --quiet lab /dev/mapper/disk1 /dev/mapper/disk2
    fill_volume
}

# In the group lab.
fill_volume() {
    lvcreate --quiet --yes -L "${volume_mib}m" -n data lab /dev/mapper/disk1
    fill /dev/lab/data
    content=$(checksum /dev/lab/data)
}

is_intact() {
    [[ $(checksum /dev/lab/data) == "$content" ]]
}

# is_on DISK: the whole volume is there, and nothing of a move is left. The locks of a shared group
# are no matter.
is_on() {
    [[ $(lvs --all --noheadings -o lv_name,devices lab | tr -d ' ' | grep -v '^\[lvmlock\]') == \
        "data/dev/mapper/$1(0)" ]]
}

is_moving() {
    dmsetup info lab-pvmove0 &>/dev/null
}

is_moved() {
    ! is_moving
}

# copied PERCENT: so much of the move is done, as the kernel sees it.
copied() {
    local status
    status=$(dmsetup status --noflush lab-pvmove0 2>/dev/null) || return
    [[ $status =~ $fraction ]] && (( BASH_REMATCH[1] * 100 >= $1 * BASH_REMATCH[2] ))
}

# merge_left PERCENT: no more than that of the merge remains.
merge_left() {
    local status
    status=$(dmsetup status --noflush lab-data)
    [[ $status == *snapshot-merge* && $status =~ $fraction ]] &&
        (( BASH_REMATCH[1] * 100 <= $1 * BASH_REMATCH[2] ))
}

# --- the daemon

property() {
    systemctl show --value --property="$1" "${2-$unit}"
}

is_active() {
    systemctl --quiet is-active "${1-$unit}"
}

is_inactive() {
    [[ $(property ActiveState) == inactive ]]
}

# polls LV: the daemon has an operation on it. Doesn't start the daemon.
polls() {
    is_active && [[ $(lvmpolld --dump) == *"lvname=\"lab/$1\""* ]]
}

lvmpolld_answers() {
    lvmpolld --dump >/dev/null
}

# shows PATTERN: so the service manager describes what the daemon does.
shows() {
    [[ $(property StatusText) =~ $1 ]]
}

in_journal() {
    journalctl --quiet --unit="$unit" --grep="$1" >/dev/null
}

in_daemons_service() {
    [[ $(</proc/"$1"/cgroup) == *"/$unit" ]]
}

# Nobody else than the daemon may look after an operation.
only_daemon_polls() {
    local pid
    for pid in $(pgrep -f 'lvm lvpoll '); do
        in_daemons_service "$pid" || [[ ! -e /proc/$pid ]] || return
    done
}

# unit_setting SECTION LINE...: for this boot only.
unit_setting() {
    mkdir -p "/run/systemd/system/$unit.d"
    printf '[%s]\n' "$1" >"/run/systemd/system/$unit.d/scenario.conf"
    printf '%s\n' "${@:2}" >>"/run/systemd/system/$unit.d/scenario.conf"
    systemctl daemon-reload
}

install_our_units() {
    cp -r /lab/units/. /etc/systemd/system
    cp /lab/conf/lvmpolld.conf /etc/lvm
    systemctl daemon-reload
}

# in_service COMMAND...: as a service that ends with the command, with all that it leaves behind.
in_service() {
    systemd-run --quiet --wait --collect --property=Type=oneshot "$@"
}

# --- ends of the daemon in the middle of its work

restart() {
    systemctl restart "$unit"
}

kill_daemon() {
    systemctl kill --signal=KILL --kill-whom=main "$unit"
}

# another_runs PID: the unit's main process is ready and is no longer that one.
another_runs() {
    is_active && [[ $(property MainPID) != "$1" ]]
}

# interrupt restart|kill_daemon LV: after it another daemon polls the LV, and nobody else.
interrupt() {
    local before
    before=$(property MainPID)
    expect "$1" "$1"
    eventually "another daemon runs" another_runs "$before"
    eventually "it polls $2" polls "$2"
    expect "nobody else does" only_daemon_polls
}
