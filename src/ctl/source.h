// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ctl/events.h"
#include "overview/entry.h"

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace lvmpolld::ctl {

/// Where things are found. Each has a default, an environment variable or an option.
struct Paths {
    std::string pidfile;
    std::string socket; ///< of lvm's protocol
    std::string varlink_socket;
    std::string state_directory{}; ///< empty: as its settings say
};

/// The daemon has ended, or does not speak as it should: another source may tell more.
struct SourceLost : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Who tells; the better ones last.
enum class Teller : std::uint8_t {
    kernel, ///< device-mapper alone
    dump,   ///< and the dump of a daemon
    daemon, ///< the daemon itself, so nothing is missing
};

/// Tells what goes on: the daemon, or device-mapper itself. One thread.
class Source {
public:
    Source() = default;
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;
    virtual ~Source() = default;

    /// All that is under way, and recent results as far as they are known. Throws SourceLost and
    /// std::system_error.
    virtual std::vector<overview::Entry> list() = 0;

    /// The first time all that is under way. From then on it waits for changes until `until`, and
    /// returns what has changed; empty: nothing has, or a signal came. Throws likewise.
    virtual std::vector<overview::Entry> next(Events& events, Events::Time until) = 0;

    virtual Teller teller() const = 0;

    /// What this source cannot know, in one sentence; empty: it knows all.
    virtual std::string remark() const = 0;
};

/// The best source that there is now. It never starts a daemon: the lock of the pidfile tells
/// whether one runs, and only then is a socket connected to. Throws std::system_error.
std::unique_ptr<Source> open_source(const Paths& paths);

/// Who would tell if a source was opened now. Throws likewise.
Teller best_teller(const Paths& paths);

} // namespace lvmpolld::ctl
