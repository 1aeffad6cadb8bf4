// SPDX-License-Identifier: LGPL-2.1-or-later
#include "failing_allocation.h"

#include <cstdlib>
#include <new>

namespace {

/// How many allocations succeed until one fails; negative: all do.
thread_local long until_failure = -1;

} // namespace

void* operator new(std::size_t size) {
    const bool fails = until_failure == 0;
    if (until_failure >= 0)
        --until_failure;
    if (void* const memory = fails ? nullptr : std::malloc(size))
        return memory;
    throw std::bad_alloc();
}

void operator delete(void* memory) noexcept {
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace lvmpolld {

bool without_memory(long allocation, const std::function<void()>& action) {
    until_failure = allocation;
    try {
        action();
    } catch (...) {
        until_failure = -1;
        throw;
    }
    const bool failed = until_failure < 0;
    until_failure = -1;
    return failed;
}

} // namespace lvmpolld
