# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What a scenario is written with. A scenario is sourced behind this file, with the daemon under
# test already running; the first command that fails ends it.
#
#   disks       /dev/mapper/disk1, disk2, …, which can be made slow, stalled or failing in parts and
#               at any time.
#   lvpoll      every one that the daemon starts is a line "SECONDS PID ARGUMENTS" in $lvpolls.
set -eEuo pipefail
trap 'echo "${BASH_SOURCE[0]##*/}:$LINENO: failed: $BASH_COMMAND" >&2' ERR

readonly socket=/run/lvm/lvmpolld.socket
readonly logs=/run/lab/log
readonly daemon_log=$logs/daemon.log
readonly lvpolls=$logs/lvpolls
deadline=120
daemon_pid=

# There is no udev here, and lvm need not remark on this shell's descriptors.
export DM_DISABLE_UDEV=1 LVM_SUPPRESS_FD_WARNINGS=1

mkdir -p "$logs"
: >>"$lvpolls"
exec {silence}<> <(:)

# --- waiting and asserting ------------------------------------------------------------------------

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# For what the daemon under test isn't meant to do.
skip() {
    echo "SKIPPED: $*"
    exit 77
}

assert() {
    "$@" || fail "not true: $*"
}

refute() {
    ! "$@" || fail "true, but should not be: $*"
}

# assert_equal WHAT FOUND EXPECTED
assert_equal() {
    [[ $2 == "$3" ]] || fail "$1 is '$2', expected '$3'"
}

# assert_exit STATUS PID: a background command ends with that status.
assert_exit() {
    local status=0
    wait "$2" || status=$?
    assert_equal "exit status of '${commands[$2]-$2}'" "$status" "$1"
}

# begin COMMAND...: in the background; its PID is $begun, for assert_exit.
declare -A commands
begin() {
    "$@" &
    begun=$!
    commands[$begun]=$*
}

pause() {
    read -rt 0.05 -u "$silence" || true
}

# wait_for CONDITION [ARGUMENT...]: until the command succeeds, at most $deadline seconds.
wait_for() {
    local end=$((SECONDS + deadline))
    until "$@"; do
        ((SECONDS < end)) || fail "waited $deadline s in vain for: $*"
        pause
    done
}

# suspend_machine SECONDS: the whole guest stands still for so long, as a machine that sleeps.
suspend_machine() {
    rm -f /run/lab/exchange/resumed
    echo "$1" >/run/lab/exchange/suspend.new
    mv /run/lab/exchange/suspend.new /run/lab/exchange/suspend
    wait_for test -e /run/lab/exchange/resumed
}

kernel_said() {
    [[ $(dmesg) == *"$1"* ]]
}

# --- the daemon -----------------------------------------------------------------------------------

# What the daemon runs for lvm: leaves a trace, and becomes lvm.
cat >/run/lab/lvm <<'END'
#!/bin/sh
read -r uptime rest </proc/uptime
echo "$uptime $$ $*${LVM_SYSTEM_DIR+ sysdir=$LVM_SYSTEM_DIR}" >>/run/lab/log/lvpolls
case $* in
    *--abort*) ;;
    *) [ ! -p /run/lab/hold ] || read -r released </run/lab/hold ;;
esac
exec /sbin/lvm "$@"
END
chmod +x /run/lab/lvm

# Between these two, an lvpoll that isn't an abort stays at its beginning.
hold_lvpoll() {
    mkfifo /run/lab/hold
}

release_lvpoll() {
    mv /run/lab/hold /run/lab/released
    exec {released}<>/run/lab/released
    printf '\n%.0s' {1..100} >&"$released"
}

# lvm_is_before VERSION: for what this machine's commands do otherwise.
lvm_is_before() {
    local version
    version=$(lvm version | sed -nE 's/.*LVM version: *([0-9.]+).*/\1/p')
    ! printf '%s\n' "$1" "$version" | sort -V -C
}

is_reference() {
    [[ $daemon == /usr/sbin/lvmpolld ]]
}

# Each operation has an lvpoll for as long as it lasts.
is_resident() {
    is_reference || [[ $daemon_options == *--engine=resident* ]]
}

# start_daemon [OPTION...]: logs everything but 'cmd', with which our lvpolls would be ten times as
# talkative.
start_daemon() {
    # shellcheck disable=SC2086
    setsid env -u LVM_SUPPRESS_FD_WARNINGS "$daemon" -f -l error,warn,info,debug,wire \
        -B /run/lab/lvm $daemon_options "$@" >>"$daemon_log" 2>&1 {silence}<&- &
    daemon_pid=$!
    wait_for daemon_answers
}

daemon_answers() {
    assert_daemon_lives
    [[ -S $socket && $(request hello 2>/dev/null) == *'"OK"'* ]]
}

no_socket() {
    [[ ! -e $socket ]]
}

stop_daemon() {
    kill -TERM "$daemon_pid"
    wait "$daemon_pid"
    daemon_pid=
}

kill_daemon() {
    kill -KILL "$daemon_pid"
    wait "$daemon_pid" || true
    daemon_pid=
}

# The lvpolls of a killed daemon could finish a move alone.
kill_orphans() {
    local orphan
    for orphan in $(lvpolls_now); do
        kill "$orphan"
    done
}

# refusals: how many copies the daemon has called bad, or could not compare.
refusals() {
    grep -c 'NOT committed' "$daemon_log" || true
}

assert_daemon_lives() {
    [[ -z $daemon_pid ]] || kill -0 "$daemon_pid" || fail "the daemon has died"
}

# request NAME [LINE...]: the daemon's reply.
request() {
    local name=$1
    shift
    {
        printf 'request="%s"\n' "$name"
        (($# == 0)) || printf '%s\n' "$@"
        printf '\n##\n'
    } | socat -t 10 - "UNIX-CONNECT:$socket"
}

in_dump() {
    [[ $(request dump) == *"$1"* ]]
}

idle() {
    ! in_dump 'state="in_progress"'
}

# lvpoll_runs [PATTERN]: how many lvpolls the daemon has started so far; lvpolls_now: the PIDs of
# those running.
lvpoll_runs() {
    grep -c -- "${1-.}" "$lvpolls" || true
}

lvpolls_now() {
    pgrep -f 'lvm lvpoll ' || true
}

lvpoll_running() {
    [[ -n $(lvpolls_now) ]]
}

# holds_lock PID: this lvm has a VG locked.
holds_lock() {
    grep -qs FLOCK "/proc/$1/fdinfo/"*
}

# lvm falls back to polling by itself when it can't reach the daemon: then the daemon has started no
# lvpoll.
assert_daemon_used() {
    (($(lvpoll_runs) > 0)) || fail "the daemon was not used"
}

# Under the watch engine no copy was left to a resident lvpoll. The other one says what that means.
assert_watched() {
    if ! is_resident; then
        refute grep 'left to a resident lvpoll' "$daemon_log"
    elif ! is_reference; then
        assert grep -e '--engine=resident: lvm commits each mirror' "$daemon_log"
    fi
}

# --- lvm.conf -------------------------------------------------------------------------------------

write_lvm_conf() {
    mkdir -p "$1"
    cat >"$1/lvm.conf" <<'END'
global { use_lvmpolld=1 locking_dir="/run/lock/lvm" event_activation=0 }
activation { monitoring=0 }
devices { external_device_info_source="none" use_devicesfile=0
          scan=["/dev/mapper"] global_filter=["a|^/dev/mapper/disk|", "r|.*|"] }
backup { backup=0 archive=0 }
END
}
write_lvm_conf /etc/lvm

. "$guest/disks.sh"
. "$guest/volumes.sh"
