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

/// Within its scope the code that runs is the daemon's, or the world's.
template <bool of_daemon>
class Scope {
public:
    Scope() : before_(std::exchange(is_daemons, of_daemon)) {}

    ~Scope() { is_daemons = before_; }

    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

private:
    const bool before_;
};

using OfDaemon = Scope<true>;
using OfWorld = Scope<false>; ///< beneath an interface that the daemon calls

} // namespace lvmpolld::simulation::memory
