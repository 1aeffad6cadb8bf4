# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the scenarios share in which the daemon's own disk is moved. Sourced by a scenario.
lvm=/run/counting-lvm faults=/run/faults home=/run/home

# Runs lvm, and notes how often the daemon has waited for a page from a disk meanwhile. If there is
# the file /run/suspend, what it says is done in its order: the device of a name is suspended, until
# lvpoll has printed; at "reclaim" all services are driven out of memory (not this one alone: pages
# of the program may count as an earlier daemon's).
make_lvm() {
    cat >"$lvm" <<END
#!/usr/bin/perl
use strict;
use IO::Handle;

sub faults {
    open(my \$stat, '<', '/proc/' . getppid . '/stat') or die "stat: \$!";
    return (split ' ', (split /\) /, <\$stat>)[1])[9];
}

# By ioctl(2): dmsetup might have to be read from a device that is suspended already.
sub suspend {
    my (\$name, \$suspended) = @_;
    open(my \$control, '+<', '/dev/mapper/control') or die "control: \$!";
    my \$request = pack 'L3L2LlL3Qa128a129a7', 4, 0, 0, 312, 312, 0, 0, 2 * \$suspended, 0, 0, 0,
        \$name, '', '';
    ioctl(\$control, 0xc138fd06, \$request) or die "\$name: \$!";
}

# Opened before anything is suspended: an end here would leave it so.
open(my \$reclaim, '>', '/sys/fs/cgroup/system.slice/memory.reclaim')
    or die "memory.reclaim: \$!";

sub reclaim {
    syswrite \$reclaim, '512M' for 1 .. 3; # fails when there is no more to be had
}

syscall(151, 3); # mlockall(), as lvm does
\$SIG{TERM} = sub {}; # which reaches lvm as well, and this has to see its end
my @steps = -e '/run/suspend' ? split ' ', \`cat /run/suspend\` : ();
\$_ eq 'reclaim' ? reclaim() : suspend(\$_, 1) for @steps;
my \$before = faults();
if (@steps) {
    unlink '/run/suspend';
    STDERR->printflush('x' x 63 . "\n") for 1 .. 8192;
    suspend(\$_, 0) for grep { \$_ ne 'reclaim' } reverse @steps;
}
my \$status = system('/sbin/lvm', @ARGV);
open(my \$log, '>>', '$faults') or die "$faults: \$!";
print \$log faults() - \$before, "\n";
close(\$log);
\$SIG{TERM} = 'DEFAULT';
kill \$status & 127, \$\$ if \$status & 127; # ends as lvm has ended
exit(\$status >> 8);
END
    chmod +x "$lvm"
}

# use_daemon PROGRAM [SETTING...]: with one lvpoll for the whole of a move. A daemon that watches
# would retire it now and then, and look for what the script has started: in the arguments of all
# processes, which may be in the swap, and would count as its own faults.
use_daemon() {
    unit_setting Service ExecStart= "ExecStart=$1 -f --engine=resident -B $lvm" "${@:2}"
    systemctl stop "$unit"
    rm -f "$faults"
}

make_swap() {
    lvcreate --quiet --yes -L 192m -n swap lab /dev/mapper/disk1
    mkswap --quiet /dev/lab/swap
    swapon /dev/lab/swap
}

# The daemon, installed on the volume that is moved.
settle_daemon() {
    lvcreate --quiet --yes -L 64m -n home lab /dev/mapper/disk1
    mkfs.ext4 -q /dev/lab/home
    mkdir "$home"
    mount /dev/lab/home "$home"
    cp /usr/sbin/lvmpolld "$home"
    umount "$home" # what was written belongs to this service; what is read will be the daemon's
    mount /dev/lab/home "$home"
    make_swap
}

uses_swap() {
    (( $(awk 'NR == 2 { print $4 }' /proc/swaps) > 1024 ))
}

# Takes more memory than there is without the swap, and uses all of it again and again.
take_memory() {
    local available
    available=$(sed -nE 's/^MemAvailable: +([0-9]+) kB/\1/p' /proc/meminfo)
    mkdir -p /run/hog
    mount -t tmpfs -o size=1G none /run/hog
    head -c "$(( available + 24 * 1024 ))K" /dev/zero >/run/hog/memory
    while true; do
        cat /run/hog/memory >/dev/null
    done
}

# all_on DISK: each volume is there, and nothing of a move is left.
all_on() {
    [[ $(lvs --all --noheadings -o devices lab | tr -d ' ' | sed 's/(.*//' | sort -u) == \
        "/dev/mapper/$1" ]]
}

# The daemon has never had to wait for a page while an lvpoll ran.
never_waited() {
    sort "$faults" | uniq -c
    [[ $(sort -u "$faults") == 0 ]]
}

has_waited() {
    ! never_waited
}
