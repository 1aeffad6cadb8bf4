// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "chance.h"
#include "kernel_log.h"
#include "virtual_time.h"

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// The machine beneath the daemon, as its system calls show it. The linker puts our functions in
/// the place of those that the daemon calls (--wrap, see CMakeLists.txt and
/// system_calls.cpp): what concerns the state
/// directory, the kernel's log and the disks' counters is answered from memory, with the faults of
/// the world. Everything else goes to the real system.
namespace lvmpolld::simulation {

/// A file of the state directory.
struct File {
    using Mapped = std::array<char, 128>;

    std::string content;
    alignas(std::uint64_t) Mapped mapped{}; ///< what a mapping of it shows
    int error = 0;                          ///< that reading it meets; 0: none
};

/// Whether it is the name of one, not one that was set aside nor somebody else's.
bool is_record(std::string_view name);

/// What outlives the daemon. One machine at a time is in place.
class Machine {
public:
    static constexpr auto state_directory = "/sim/state";
    static constexpr std::string_view boot = "simulated"; ///< its ID

    Machine();
    ~Machine();
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    /// Called before each change of the state directory. False: the daemon that asks is dead, and
    /// nothing happens any more.
    std::function<bool(const std::string& what)> may_act = [](const std::string&) { return true; };

    KernelLog log;
    std::map<dev_t, std::uint64_t>
        counters; ///< of failed requests, by disk; empty: they don't count

    bool is_memory = true;
    bool exists = false; ///< the directory
    std::map<std::string, std::shared_ptr<File>> files;

    unsigned contended = 0; ///< so often the lock of the directory is somebody else's

    Time held_until{};  ///< its lock is another daemon's
    Time fails_until{}; ///< some of what is asked of the directory fails
    Chance failures{0};

    /// Something of the directory has failed so, since the daemon's start.
    bool has_failed_calls = false;

    /// Whether the next call does, which then counts.
    bool fails();

    Time full_until{};
    Time short_until{}; ///< there are no descriptors

    /// What fits into a full directory whose reserve was given up.
    static constexpr unsigned writes_of_reserve = 16;
    unsigned spare_writes = 0;

    /// Something could not be written.
    bool failed = false;

    /// Descriptors that are open.
    std::size_t open_descriptors() const;
};

} // namespace lvmpolld::simulation
