// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Each block begins with a header, and what is returned lies behind it. The sizes that malloc() has
// given could not be compared: it hands out a larger block where too little would be left over, and
// the more often the longer a process lives.
#include "heap.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <numeric>
#include <stdexcept>

namespace lvmpolld::endurance::heap {

namespace {

struct Header {
    std::size_t size;
    std::size_t generation;
};

constexpr std::size_t usual = __STDCPP_DEFAULT_NEW_ALIGNMENT__;
static_assert(sizeof(Header) <= usual);

std::array<std::atomic<std::uint32_t>, most_generations> objects; ///< by generation
std::atomic<std::size_t> bytes = 0;
std::atomic<std::size_t> generation = 0;

std::size_t objects_between(std::size_t first, std::size_t end) noexcept {
    return std::accumulate(objects.begin() + static_cast<std::ptrdiff_t>(first),
                           objects.begin() + static_cast<std::ptrdiff_t>(end), std::size_t{0});
}

void* allocate(std::size_t size, std::size_t alignment) {
    void* block = nullptr;
    if (::posix_memalign(&block, alignment, alignment + size) != 0)
        throw std::bad_alloc();
    const Header header{.size = size, .generation = generation.load(std::memory_order_relaxed)};
    std::memcpy(block, &header, sizeof header);
    objects.at(header.generation).fetch_add(1, std::memory_order_relaxed);
    bytes.fetch_add(size, std::memory_order_relaxed);
    return static_cast<std::byte*>(block) + alignment;
}

void release(void* place, std::size_t alignment) noexcept {
    if (place == nullptr)
        return;
    void* const block = static_cast<std::byte*>(place) - alignment;
    Header header{};
    std::memcpy(&header, block, sizeof header);
    objects.at(header.generation).fetch_sub(1, std::memory_order_relaxed);
    bytes.fetch_sub(header.size, std::memory_order_relaxed);
    std::free(block);
}

} // namespace

std::size_t live_objects() noexcept {
    return objects_between(0, objects.size());
}

std::size_t live_bytes() noexcept {
    return bytes.load(std::memory_order_relaxed);
}

void begin_generation() {
    if (generation.fetch_add(1) + 1 == objects.size())
        throw std::length_error("no more generations of objects are counted");
}

std::size_t objects_of_old_generations(std::size_t first) noexcept {
    const auto now = generation.load();
    return now < first + 2 ? 0 : objects_between(first, now - 1);
}

} // namespace lvmpolld::endurance::heap

using namespace lvmpolld::endurance;

void* operator new(std::size_t size) {
    return heap::allocate(size, heap::usual);
}

void* operator new(std::size_t size, std::align_val_t alignment) {
    return heap::allocate(size, std::max(heap::usual, static_cast<std::size_t>(alignment)));
}

void operator delete(void* place) noexcept {
    heap::release(place, heap::usual);
}

void operator delete(void* place, std::size_t) noexcept {
    heap::release(place, heap::usual);
}

void operator delete(void* place, std::align_val_t alignment) noexcept {
    heap::release(place, std::max(heap::usual, static_cast<std::size_t>(alignment)));
}

void operator delete(void* place, std::size_t, std::align_val_t alignment) noexcept {
    heap::release(place, std::max(heap::usual, static_cast<std::size_t>(alignment)));
}
