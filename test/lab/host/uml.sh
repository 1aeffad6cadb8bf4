# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Starts User Mode Linux with the kernel of some Debian release. A kernel that is not this
# machine's own needs its own C library: it runs in a chroot, in a mount namespace of its own in
# which it finds this machine's files below $host.
uml_host=$(dirname "$(realpath "${BASH_SOURCE[0]}")")

# use_kernel_in DIRECTORY: what prepare has printed.
#   host      where the kernel finds this machine's root
#   modules   of the kernel, on this machine
use_kernel_in() {
    kernel_directory=$1 host='' kernel_options=''
    if [[ $kernel_directory != / ]]; then
        host=/host
        kernel_options=$(<"$kernel_directory/options")
        # Held by all processes of the guest: nobody removes the kernel under them.
        exec {kernel_lock}<"$kernel_directory/lock"
        flock --shared "$kernel_lock"
    fi
    # shellcheck disable=SC2034
    modules=$(find "${kernel_directory%/}/usr/lib/uml/modules" -mindepth 1 -maxdepth 1 | sort -V |
        tail -1)
}

# kernel_of SYSTEM: for use_kernel, where no kernel is asked for.
kernel_of() {
    [[ $1 == debian12 ]] && echo auto || echo "$1"
}

# use_kernel auto|debian12|debian13|sid: `auto` is the fastest one that can be had.
use_kernel() {
    local directory
    if [[ $1 == auto ]]; then
        use_kernel sid && [[ $kernel_options == seccomp=on ]] && return
        echo "the lab runs on Debian 12's own kernel, which is slower" >&2
        use_kernel debian12
        return
    fi
    directory=$("$uml_host/prepare" kernel "$1") || return
    use_kernel_in "$directory"
    # shellcheck disable=SC2034
    used_kernel=$1
}

# User Mode Linux maps its memory from a file, which must not run out of space and must be
# executable. memory_directory MIB
memory_directory() {
    local directory options
    for directory in ${TMPDIR:+"$TMPDIR"} /dev/shm /tmp /var/tmp; do
        [[ -w $directory ]] || continue
        (($(df --output=avail -m "$directory" | tail -1) > $1)) || continue
        options=$(findmnt -no OPTIONS -T "$directory" 2>/dev/null) || true
        [[ ,$options, != *,noexec,* ]] || continue
        echo "$directory"
        return
    done
    echo "no directory with $1 MiB for the guest's memory (TMPDIR names another one)" >&2
    return 1
}

# run_uml MIB DIRECTORY ROOT COMMAND [ARGUMENT...]: becomes the kernel, in a session of its own. Its
# root is ROOT, of this machine, read-only; its first process is bash, which runs COMMAND.
# DIRECTORY: for the kernel's own files. ARGUMENT: more for the kernel. To be run in the background.
run_uml() {
    local memory=$1 directory=$2 root=$3 command=$4
    shift 4
    # hostfs takes its directory from mount(2) always, from newer system calls in some versions.
    uml "$memory" "$directory" root=/dev/root rootfstype=hostfs "rootflags=$host$root" ro \
        LIBMOUNT_FORCE_MOUNT2=always "$@" \
        init=/bin/bash -- -c "\"$command\""
}

# uml MIB DIRECTORY ARGUMENT...: likewise, with whatever root the arguments name.
uml() {
    local memory=$1 directory=$2 arguments temporary preload
    temporary=$(memory_directory "$memory") || exit
    preload=$("$uml_host/preload")
    shift 2
    # shellcheck disable=SC2054
    arguments=(mem="${memory}M" uml_dir="$host$directory/" umid=uml con=null con0=null,fd:1 quiet
        loglevel=1 ${kernel_options:+"$kernel_options"} "$@")
    ulimit -c 0
    ulimit -s 8192
    if [[ $kernel_directory == / ]]; then
        TMPDIR=$temporary LD_PRELOAD=$preload exec setsid linux.uml "${arguments[@]}"
    fi
    # shellcheck disable=SC2016
    exec setsid unshare --mount bash -c '
        kernel=$1 temporary=$2 preload=$3
        shift 3
        mount --rbind / "$kernel/host" && mount --bind /proc "$kernel/proc" &&
            mount --bind /dev "$kernel/dev" || exit
        # chroot(8) would load the library itself, outside.
        exec perl -e "chroot shift and chdir q(/) or die;
            @ENV{qw(TMPDIR LD_PRELOAD)} = splice @ARGV, 0, 2;
            exec @ARGV or die" "$kernel" "/host$temporary" "/host$preload" /usr/bin/linux.uml "$@"
    ' uml "$kernel_directory" "$temporary" "$preload" "${arguments[@]}"
}
