// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "overview/entry.h"

#include <string>
#include <string_view>
#include <vector>

/// What a bug report looks like. Pure.
namespace lvmpolld::ctl {

/// One subject of a report.
struct ReportSection {
    std::string name{};
    std::string text{};
    std::vector<std::string> missing{}; ///< what could not be had, and why
};

struct ReportHead {
    overview::WallTime made_at{};
    std::string user{};     ///< "root", "user 1000"
    bool anonymous = false; ///< names are replaced
};

std::string report_text(const ReportHead& head, const std::vector<ReportSection>& sections);

/// With each name replaced of which the sections tell, and of which `names` knows already.
class Pseudonyms;
void make_anonymous(std::vector<ReportSection>& sections, Pseudonyms names);

/// What a report is called that has no name.
std::string report_name(overview::WallTime made_at);

} // namespace lvmpolld::ctl
