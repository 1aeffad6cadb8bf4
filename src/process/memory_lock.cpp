// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Two steps, in this order, so that nothing leaves again what the second one has brought:
//
//     mlockall   what is in memory stays there, and so does what comes
//     read in    what is not there, but would have to come from a disk: parts of the program that
//                have not run yet, and data that was swapped out
//
// mlockall(MCL_CURRENT) alone would do both, but it also fills what was never used and would need
// no disk: with the threads' stacks for example. MCL_ONFAULT leaves that out. The reading uses
// MADV_POPULATE_READ, for which a page that was never used is the one page of zeros that all
// processes share.
//
// After the lock, what was read in of the program is given back, so that an idle daemon is as small
// as before: the pages stay in the page cache, where they are found when they are needed.
//
// MCL_FUTURE extends the lock to memory that is allocated later, which could be swapped out as
// well. Under a limit such an allocation would fail; so it is left out there.
#include "process/memory_lock.h"

#include "base/file_descriptor.h"
#include "base/narrow_thread.h"
#include "base/sanitizer.h"
#include "base/text_file.h"

#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <new>
#include <optional>

namespace lvmpolld {

namespace {

/// Bytes of /proc/self/maps; a daemon has some thousands.
constexpr std::size_t most_of_maps = std::size_t{1} << 20;

/// A sanitizer reserves terabytes, and gives mlockall(2) no effect.
constexpr bool can_lock = !under_a_sanitizer;

/// `55d0c0a00000-55d0c0a21000 rw-p 00000000 00:00 0    [heap]`
std::optional<MemoryRange> readable_range(std::string_view line) {
    const char* const end = line.data() + line.size();
    MemoryRange range{};
    const auto [dash, no_begin] = std::from_chars(line.data(), end, range.begin, 16);
    if (no_begin != std::errc() || dash == end)
        return std::nullopt;
    const auto [space, no_end] = std::from_chars(dash + 1, end, range.end, 16);
    const bool readable = no_end == std::errc() && end - space > 1 && space[1] == 'r';
    const bool kernels = line.find(" [v") != line.npos; // [vvar], [vdso], [vsyscall]
    return readable && !kernels ? std::optional(range) : std::nullopt;
}

bool is_unlimited() noexcept {
    rlimit limit{};
    return (effective_capabilities() & capability(CAP_IPC_LOCK)) != 0 ||
           (::getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY);
}

/// The kernel and the linker tell of places as numbers.
void* address(std::size_t place) noexcept {
    return reinterpret_cast<void*>(place); // NOLINT(performance-no-int-to-ptr)
}

/// What another thread unmaps meanwhile is no failure.
int read_in(const MemoryRange& range) noexcept {
    auto* const begin = address(range.begin);
    const auto length = range.end - range.begin;
    if (::madvise(begin, length, MADV_POPULATE_READ) == 0 || errno == ENOMEM)
        return 0;
    // Linux before 5.14: the same with more memory.
    if (errno == EINVAL && (::mlock(begin, length) == 0 || errno == ENOMEM))
        return 0;
    return errno;
}

int read_in_all() {
    const FileDescriptor file(::open("/proc/self/maps", O_RDONLY | O_CLOEXEC));
    const auto maps = file ? read_all(file.get(), most_of_maps) : std::nullopt;
    if (!maps)
        return errno;
    int error = 0;
    for (const auto& range : readable_ranges(*maps))
        if (const int failed = read_in(range); failed != 0)
            error = failed;
    return error;
}

/// Of the program or of a library, those parts that nothing is ever written to: relocations are.
int forget_program(dl_phdr_info* object, std::size_t, void*) noexcept {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    for (std::size_t i = 0; i < object->dlpi_phnum; ++i) {
        const auto& part = object->dlpi_phdr[i];
        if (part.p_type != PT_LOAD || (part.p_flags & PF_W) != 0)
            continue;
        const std::size_t first = (object->dlpi_addr + part.p_vaddr) / page * page;
        ::madvise(address(first), object->dlpi_addr + part.p_vaddr + part.p_memsz - first,
                  MADV_DONTNEED);
    }
    return 0;
}

int lock_memory() noexcept {
    if (::mlockall(memory_lock_flags(is_unlimited())) != 0)
        return errno;
    try {
        return read_in_all();
    } catch (const std::bad_alloc&) {
        return ENOMEM;
    }
}

} // namespace

std::vector<MemoryRange> readable_ranges(std::string_view maps) {
    std::vector<MemoryRange> ranges;
    while (!maps.empty()) {
        const auto line = maps.substr(0, maps.find('\n'));
        maps.remove_prefix(std::min(line.size() + 1, maps.size()));
        if (const auto range = readable_range(line))
            ranges.push_back(*range);
    }
    return ranges;
}

int memory_lock_flags(bool unlimited) noexcept {
    return MCL_CURRENT | MCL_ONFAULT | (unlimited ? MCL_FUTURE : 0);
}

MemoryLock::MemoryLock() noexcept : error_(can_lock ? lock_memory() : 0) {}

MemoryLock::~MemoryLock() {
    if (!can_lock)
        return;
    ::munlockall();
    ::dl_iterate_phdr(forget_program, nullptr);
}

} // namespace lvmpolld
