// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "overview/filter.h"
#include "overview/overview.h"
#include "varlink/call.h"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace lvmpolld::varlink {

/// A call of io.lvmpolld.Operations that takes more than one reply, or time. It reads the overview
/// and remembers only how far it has read. One thread. Pure.
class RunningCall {
public:
    enum class State {
        done,    ///< the last reply is made
        full,    ///< there is more to tell, when what was made is sent
        waiting, ///< for a change of the overview
    };

    RunningCall() = default;
    RunningCall(const RunningCall&) = delete;
    RunningCall& operator=(const RunningCall&) = delete;
    virtual ~RunningCall() = default;

    /// Appends replies to `out` until there is nothing to tell, or `out` has
    /// limits::varlink_unsent_bytes.
    virtual State advance(overview::Overview& overview, std::string& out) = 0;

    /// Whether changes have to be looked for while it runs.
    virtual bool follows() const { return true; }

    /// Its time is over: the last reply.
    virtual void time_out(std::string& /*out*/) {}
};

/// How it was asked.
struct Asked {
    bool more;
    overview::WallTime at;
};

/// The overview is up to date; also for the others.
std::unique_ptr<RunningCall> start(const call::List& call, const Asked& asked,
                                   const overview::Overview& overview);
std::unique_ptr<RunningCall> start(const call::Subscribe& call, const Asked& asked,
                                   const overview::Overview& overview);

/// What has ended since the client asked is waited for as well.
std::unique_ptr<RunningCall> start(const call::Wait& call, const Asked& asked,
                                   const overview::Overview& overview);

} // namespace lvmpolld::varlink
