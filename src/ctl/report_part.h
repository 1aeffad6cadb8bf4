// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ctl/report_text.h"

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lvmpolld::ctl {

/// A section of a report while it is made. Nothing here throws but for want of memory.
class ReportPart {
public:
    explicit ReportPart(std::string name) { section_.name = std::move(name); }

    /// Text of our own; ends the line.
    void say(std::string_view text);

    void miss(std::string reason) { section_.missing.push_back(std::move(reason)); }

    /// The command line, and what the program prints, of which the first 256 KiB count. An exit
    /// status other than 0 is a failure, unless it `answers`.
    void run(const std::vector<std::string>& arguments, bool answers = false);

    /// The name of the file, and the first page of it; nothing if it doesn't exist.
    void show_file(const std::string& path);

    /// Does it, and names what it fails with.
    void attempt(const std::function<void()>& action);

    ReportSection take() && { return std::move(section_); }

private:
    ReportSection section_;
};

} // namespace lvmpolld::ctl
