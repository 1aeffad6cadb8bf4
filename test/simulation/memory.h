// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "chance.h"
#include "virtual_time.h"

#include <cstdint>
#include <utility>

/// The daemon's memory. The program's operator new is ours: while memory is scarce, some of the
/// allocations that the daemon's code makes fail. What the world allocates never fails, also when
/// the daemon's code calls it.
namespace lvmpolld::simulation::memory {

/// From now to `end`, at most so often, such a share of the allocations fails.
void begin_scarcity(Chance chance, double share, unsigned most, Time end);

void end_of_scarcity();

/// Whether one that stands for many, beneath an interface of the daemon, fails now.
bool lacks();

/// A world begins: none has failed yet.
void begin();

/// How many allocations have failed since then.
std::uint64_t failures();

/// Whose code runs.
extern bool is_daemons;

/// The daemon's code runs within its scope.
class OfDaemon {
public:
    OfDaemon() : before_(std::exchange(is_daemons, true)) {}

    ~OfDaemon() { is_daemons = before_; }

    OfDaemon(const OfDaemon&) = delete;
    OfDaemon& operator=(const OfDaemon&) = delete;

private:
    const bool before_;
};

/// The world's code runs within its scope, beneath an interface that the daemon calls.
class OfWorld {
public:
    OfWorld() : before_(std::exchange(is_daemons, false)) {}

    ~OfWorld() { is_daemons = before_; }

    OfWorld(const OfWorld&) = delete;
    OfWorld& operator=(const OfWorld&) = delete;

private:
    const bool before_;
};

} // namespace lvmpolld::simulation::memory
