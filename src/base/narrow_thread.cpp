// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Linux keeps all of this for each thread, and hands it on to the threads and processes that the
// thread starts:
//
//     no_new_privs    an exec gives nothing that the thread doesn't have, to root neither. So the
//                     bounding set, which only an exec meets, can stay as it is.
//     capabilities    what root may do beyond the files that it owns
//     seccomp         system calls that fail
//
// The filter names what such a thread never does, and lets the rest through. A list of what it may
// do would be narrower by calls that do no harm here, and would have to foresee what every C
// library, sanitizer and architecture makes of malloc() or a new thread: what is missing there
// breaks the daemon at a customer's, and nowhere else. Most of what matters needs a capability that
// is gone anyway. The list adds what root's files and processes are open to without one: another
// program, another process's memory or descriptors, a new namespace with all capabilities, and
// those parts of the kernel in which holes are found most often.
#include "base/narrow_thread.h"

#include "base/sanitizer.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>

namespace lvmpolld {

namespace {

#if defined(__x86_64__) && !defined(__ILP32__)
constexpr std::uint32_t architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_AARCH64;
#elif defined(__riscv) && __riscv_xlen == 64
constexpr std::uint32_t architecture = AUDIT_ARCH_RISCV64;
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
constexpr std::uint32_t architecture = AUDIT_ARCH_PPC64LE;
#elif defined(__s390x__)
constexpr std::uint32_t architecture = AUDIT_ARCH_S390X;
#else
constexpr std::uint32_t architecture = 0; // has no filter
#endif

/// On x86-64, numbers from here on are those of x32, which nobody uses.
constexpr std::uint32_t first_of_x32 = 0x40000000;

constexpr auto denied = std::to_array<std::uint32_t>(
    {// other programs
     SYS_execve, SYS_execveat, SYS_personality,
     // other processes
     SYS_process_vm_readv, SYS_process_vm_writev, SYS_process_madvise, SYS_pidfd_getfd, SYS_kcmp,
     // LeakSanitizer stops the threads by it
     under_a_sanitizer ? SYS_process_vm_readv : SYS_ptrace,
     // other users
     SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid, SYS_setresuid, SYS_setresgid, SYS_setfsuid,
     SYS_setfsgid, SYS_setgroups,
     // namespaces and file systems
     SYS_unshare, SYS_setns, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_open_tree,
     SYS_move_mount, SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick, SYS_mount_setattr,
     SYS_quotactl, SYS_swapon, SYS_swapoff, SYS_name_to_handle_at, SYS_open_by_handle_at,
     // the kernel
     SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_reboot, SYS_bpf,
     SYS_perf_event_open, SYS_userfaultfd, SYS_io_uring_setup, SYS_add_key, SYS_request_key,
     SYS_keyctl, SYS_acct, SYS_syslog});

constexpr std::size_t leaf = 4;

/// Instructions for a tree of so many numbers.
constexpr std::size_t size_of(std::size_t count) {
    return count <= leaf ? count + 1 : 1 + size_of(count / 2) + size_of(count - count / 2);
}

/// The filter's program. The kernel runs it once for each system call there is when it is
/// installed, to know which pass always; so the numbers form a tree, which takes a tenth of the
/// time of a list.
///
///     architecture? number? ── at least the middle one ──► right half
///                                │
///                                └► left half            leaf: equal to one of four? denied :
///                                passes
class Filter {
public:
    constexpr Filter() {
        auto numbers = denied;
        std::ranges::sort(numbers);
        add(load, offsetof(seccomp_data, arch));
        add(if_equal, architecture, 0, to_denial());
        add(load, offsetof(seccomp_data, nr));
        add(if_at_least, first_of_x32, to_denial(), 0);
        add_tree(numbers.data(), numbers.size());
        add(result, SECCOMP_RET_ERRNO | EPERM);
    }

    constexpr std::size_t size() const { return program_.size(); }

    constexpr const sock_filter* data() const { return program_.data(); }

private:
    static constexpr std::uint16_t load = BPF_LD | BPF_W | BPF_ABS;
    static constexpr std::uint16_t if_equal = BPF_JMP | BPF_JEQ | BPF_K;
    static constexpr std::uint16_t if_at_least = BPF_JMP | BPF_JGE | BPF_K;
    static constexpr std::uint16_t result = BPF_RET | BPF_K;

    /// From the next instruction, which is what jumps count from, to the last one.
    constexpr std::size_t to_denial() const { return program_.size() - 2 - end_; }

    constexpr void add(std::uint16_t code, std::size_t value, std::size_t if_true = 0,
                       std::size_t if_false = 0) {
        program_[end_++] = {code, static_cast<std::uint8_t>(if_true),
                            static_cast<std::uint8_t>(if_false), static_cast<std::uint32_t>(value)};
    }

    constexpr void add_tree(const std::uint32_t* numbers, std::size_t count) {
        if (count > leaf) {
            const auto half = count / 2;
            add(if_at_least, numbers[half], size_of(half), 0);
            add_tree(numbers, half);
            add_tree(numbers + half, count - half);
            return;
        }
        for (std::size_t i = 0; i < count; ++i)
            add(if_equal, numbers[i], to_denial(), 0);
        add(result, SECCOMP_RET_ALLOW);
    }

    std::array<sock_filter, 5 + size_of(denied.size())> program_{};
    std::size_t end_ = 0;
};

int deny_system_calls() noexcept {
    static constexpr Filter filter;
    const sock_fprog program{
        static_cast<unsigned short>(filter.size()),
        const_cast<sock_filter*>(filter.data())}; // which only the kernel reads
    // The flag spares the thread a mitigation that is meant for programs that run foreign code.
    return architecture == 0 || ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                                          SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) == 0
               ? 0
               : errno;
}

/// As capget(2) and capset(2) take them: in two halves.
struct CapabilitySets {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> halves{};

    bool read() noexcept { return ::syscall(SYS_capget, &header, halves.data()) == 0; }

    bool write() noexcept { return ::syscall(SYS_capset, &header, halves.data()) == 0; }
};

int keep_only(Capabilities kept) noexcept {
    CapabilitySets sets;
    if (!sets.read())
        return errno;
    for (auto& half : sets.halves) {
        half.permitted &= static_cast<std::uint32_t>(kept);
        half.effective = half.permitted;
        half.inheritable = 0;
        kept >>= 32;
    }
    return sets.write() ? 0 : errno;
}

} // namespace

Capabilities effective_capabilities() noexcept {
    CapabilitySets sets;
    if (!sets.read())
        return 0;
    return Capabilities{sets.halves[1].effective} << 32 | sets.halves[0].effective;
}

int narrow_thread(Capabilities kept) noexcept {
    const int no_new_privileges = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : errno;
    const int capabilities = keep_only(kept);
    const int system_calls = deny_system_calls();
    for (const int error : {no_new_privileges, capabilities, system_calls})
        if (error != 0)
            return error;
    return 0;
}

} // namespace lvmpolld
