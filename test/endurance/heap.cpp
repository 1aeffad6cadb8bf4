// SPDX-License-Identifier: LGPL-2.1-or-later
#include "heap.h"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace lvmpolld::endurance::heap {

namespace {

std::atomic<std::size_t> objects = 0;
std::atomic<std::size_t> bytes = 0;

void* counted(void* place) {
    if (place == nullptr)
        throw std::bad_alloc();
    objects.fetch_add(1, std::memory_order_relaxed);
    bytes.fetch_add(::malloc_usable_size(place), std::memory_order_relaxed);
    return place;
}

void release(void* place) noexcept {
    if (place == nullptr)
        return;
    objects.fetch_sub(1, std::memory_order_relaxed);
    bytes.fetch_sub(::malloc_usable_size(place), std::memory_order_relaxed);
    std::free(place);
}

} // namespace

std::size_t live_objects() noexcept {
    return objects.load(std::memory_order_relaxed);
}

std::size_t live_bytes() noexcept {
    return bytes.load(std::memory_order_relaxed);
}

} // namespace lvmpolld::endurance::heap

void* operator new(std::size_t size) {
    return lvmpolld::endurance::heap::counted(std::malloc(size));
}

void* operator new(std::size_t size, std::align_val_t alignment) {
    void* place = nullptr;
    const int error = ::posix_memalign(&place, static_cast<std::size_t>(alignment), size);
    return lvmpolld::endurance::heap::counted(error == 0 ? place : nullptr);
}

void operator delete(void* place) noexcept {
    lvmpolld::endurance::heap::release(place);
}

void operator delete(void* place, std::size_t) noexcept {
    lvmpolld::endurance::heap::release(place);
}

void operator delete(void* place, std::align_val_t) noexcept {
    lvmpolld::endurance::heap::release(place);
}

void operator delete(void* place, std::size_t, std::align_val_t) noexcept {
    lvmpolld::endurance::heap::release(place);
}
