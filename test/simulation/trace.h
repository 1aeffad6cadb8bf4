// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "virtual_time.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lvmpolld::simulation {

/// What must hold always and did not.
struct Violation {
    std::string name; ///< of the invariant, as in docs/testing.md
    std::string what;
    Time time;
};

/// A line for each event of one world, if they are wanted, and the first violation.
class Trace {
public:
    explicit Trace(bool wanted) : wanted_(wanted) {}

    bool is_wanted() const { return wanted_; }

    void say(std::string text) {
        if (wanted_)
            lines_.push_back(text_of(now()) + "  " + std::move(text));
    }

    void violate(std::string name, std::string what) {
        if (violation_)
            return;
        say("VIOLATED " + name + ": " + what);
        violation_ = Violation{std::move(name), std::move(what), now()};
    }

    const std::optional<Violation>& violation() const { return violation_; }

    const std::vector<std::string>& lines() const { return lines_; }

private:
    const bool wanted_;
    std::vector<std::string> lines_;
    std::optional<Violation> violation_;
};

} // namespace lvmpolld::simulation
