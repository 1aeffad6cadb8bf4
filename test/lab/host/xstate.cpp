// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Preloaded into User Mode Linux. Linux wants a process's extended registers to be written whole,
// and the kernel of Debian 12's user-mode-linux knows them only up to AVX-512: on a CPU with AMX it
// panics at its first process
// ("ptrace set fp regs failed, errno = 14"). What it doesn't know is written as zero, the state in
// which those registers are unused.
#include <dlfcn.h>
#include <elf.h>
#include <linux/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstring>

namespace {

using ExtendedState = std::array<std::byte, 65536>;
using Ptrace = long (*)(int request, pid_t pid, unsigned long address, void* data);

/// Number of bytes that Linux wants on this CPU, as it gives them for the traced process @p pid.
std::size_t extended_state_size(Ptrace ptrace, pid_t pid) {
    alignas(64) static ExtendedState state;
    iovec all{state.data(), state.size()};
    return ptrace(PTRACE_GETREGSET, pid, NT_X86_XSTATE, &all) == 0 ? all.iov_len : 0;
}

} // namespace

extern "C" long ptrace(int request, pid_t pid, unsigned long address, void* data) {
    static const auto real = reinterpret_cast<Ptrace>(dlsym(RTLD_NEXT, "ptrace"));
    if (request != PTRACE_SETREGSET || address != NT_X86_XSTATE)
        return real(request, pid, address, data);

    static const std::size_t size = extended_state_size(real, pid);
    const iovec& known = *static_cast<const iovec*>(data);
    if (known.iov_len >= size)
        return real(request, pid, address, data);

    alignas(64) static ExtendedState state;
    std::memcpy(state.data(), known.iov_base, known.iov_len);
    iovec whole{state.data(), size};
    return real(request, pid, address, &whole);
}
