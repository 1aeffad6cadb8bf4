// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/report_text.h"

#include "ctl/pseudonyms.h"
#include "ctl/units.h"

#include <algorithm>

namespace lvmpolld::ctl {

namespace {

/// Line by line without what a terminal would obey.
std::string harmless_lines(std::string_view text) {
    std::string lines;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        lines += harmless(line) + "\n";
        text.remove_prefix(std::min(text.size(), line.size() + 1));
    }
    return lines;
}

} // namespace

std::string report_text(const ReportHead& head, const std::vector<ReportSection>& sections) {
    std::string text = "Report of a bug in lvmpolld\n\nMade by lvmpollctl " LVMPOLLD_VERSION ", " +
                       timestamp(head.made_at) + ", as " + head.user + ".\n";
    text += head.anonymous
                ? "Names of volume groups, logical volumes, devices and the host are replaced.\n"
                : "Names are those of the host; --anonymous replaces them.\n";
    std::string missing;
    for (const auto& section : sections)
        for (const auto& reason : section.missing)
            missing += "  " + section.name + ": " + harmless(reason) + "\n";
    text += missing.empty() ? "Nothing is missing.\n" : "What could not be had:\n" + missing;
    for (const auto& section : sections)
        text += "\n=== " + section.name + "\n" +
                (section.text.empty() ? "(nothing)\n" : harmless_lines(section.text));
    return text;
}

void make_anonymous(std::vector<ReportSection>& sections, Pseudonyms names) {
    for (const auto& section : sections) {
        names.learn(section.text);
        for (const auto& reason : section.missing)
            names.learn(reason);
    }
    for (auto& section : sections) {
        section.text = names.applied_to(section.text);
        for (auto& reason : section.missing)
            reason = names.applied_to(reason);
    }
}

std::string report_name(overview::WallTime made_at) {
    auto moment = timestamp(made_at);
    std::erase_if(moment, [](char character) { return character == '-' || character == ':'; });
    return "lvmpolld-report-" + moment + ".txt";
}

} // namespace lvmpolld::ctl
