// SPDX-License-Identifier: LGPL-2.1-or-later
#include "memory.h"

#include <cstdlib>
#include <new>

namespace lvmpolld::simulation::memory {

bool is_daemons = false;

namespace {

struct Scarcity {
    Chance chance{0};
    double share = 0;
    unsigned left = 0; ///< allocations that may still fail
    Time end{};
};

Scarcity scarcity;
std::uint64_t failed = 0;

bool fails(double share) {
    if (scarcity.left == 0 || now() >= scarcity.end || !scarcity.chance.happens(share))
        return false;
    --scarcity.left;
    ++failed;
    return true;
}

} // namespace

void begin_scarcity(Chance chance, double share, unsigned most, Time end) {
    scarcity = {chance, share, most, end};
}

void end_of_scarcity() {
    scarcity.left = 0;
}

bool lacks() {
    constexpr double many = 30;
    return fails(many * scarcity.share);
}

void begin() {
    end_of_scarcity();
    failed = 0;
}

std::uint64_t failures() {
    return failed;
}

} // namespace lvmpolld::simulation::memory

void* operator new(std::size_t size) {
    namespace memory = lvmpolld::simulation::memory;
    const bool fails = memory::is_daemons && memory::fails(memory::scarcity.share);
    if (void* const place = fails ? nullptr : std::malloc(size))
        return place;
    throw std::bad_alloc();
}

void operator delete(void* memory) noexcept {
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
