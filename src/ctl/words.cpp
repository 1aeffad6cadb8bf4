// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/words.h"

#include "base/joined.h"
#include "ctl/units.h"

#include <array>
#include <vector>

namespace lvmpolld::ctl {

namespace {

using overview::Ending;
using overview::Entry;
using overview::PolledBy;
using overview::State;
using overview::StoreKind;

std::string ending_text(const overview::Outcome& result) {
    switch (result.ending) {
    case Ending::completed:
        return "done";
    case Ending::failed:
        return result.exit_code ? "failed: lvpoll exited with " + std::to_string(*result.exit_code)
                                : "failed";
    case Ending::killed:
        return "failed: lvpoll was ended by signal " + std::to_string(result.signal.value_or(0));
    case Ending::unknown:
        return "failed: lvpoll could not be followed to its end";
    case Ending::gone:
        return "gone: done, aborted or deactivated";
    case Ending::taken_over:
        return "taken over by lvmpolld";
    }
    return "ended";
}

std::string_view state_word(const Entry& entry) {
    switch (entry.state) {
    case State::accepted:
        return "accepted";
    case State::verifying:
        return "comparing the legs";
    case State::stepping:
        return "committing";
    case State::fenced:
        return "being aborted";
    case State::resident:
        if (entry.store == StoreKind::abort)
            return "aborting";
        return entry.bytes_total ? "copying" : "polling";
    case State::copying:
        return entry.polled_by == PolledBy::nobody ? "copying, not polled by lvmpolld" : "running";
    case State::complete:
        return "copied, has to be committed";
    case State::watching:
    case State::finished:
        break;
    }
    return "copying";
}

} // namespace

std::string painted(std::string_view text, Tone tone, const Style& style) {
    static constexpr std::array<std::string_view, 5> codes{"", "32", "33", "31", "2"};
    const auto code = codes[static_cast<std::size_t>(tone)];
    if (!style.colour || code.empty() || text.empty())
        return std::string(text);
    return std::string("\x1b[").append(code).append("m").append(text).append("\x1b[0m");
}

std::string lv_name(const Entry& entry) {
    return harmless(entry.vg + "/" + entry.lv);
}

std::string what_word(const Entry& entry) {
    static constexpr std::array<std::string_view, 10> words{
        "move",         "conversion",   "merge",      "thin merge",  "RAID sync",
        "RAID rebuild", "RAID reshape", "RAID scrub", "cache flush", "writecache flush"};
    const std::string word(words[static_cast<std::size_t>(entry.kind)]);
    return entry.store == StoreKind::abort ? "abort of " + word : word;
}

std::string route(const Entry& entry, const Style& style) {
    auto from = joined(entry.reads_from, ",", harmless);
    const auto to = joined(entry.writes_to, ",", harmless);
    if (from == to || to.empty())
        return from;
    return from + (style.unicode ? " → " : " -> ") + to;
}

std::string percent_of(const Entry& entry) {
    if (!entry.bytes_done || !entry.bytes_total)
        return {};
    return percent_text(*entry.bytes_done, *entry.bytes_total);
}

std::string state_text(const Entry& entry) {
    std::string text;
    if (entry.result) {
        text = ending_text(*entry.result);
        if (!entry.result->reason.empty())
            text += ", " + entry.result->reason;
    } else {
        text = state_word(entry);
        if (!entry.waits_for.empty())
            text += ", " + entry.waits_for;
        if (entry.verification == Verification::suspect)
            text += ", suspect";
        if (entry.bytes_compared && entry.bytes_to_compare)
            text += ", " + percent_text(*entry.bytes_compared, *entry.bytes_to_compare);
    }
    return harmless(text);
}

Tone tone_of(const Entry& entry) {
    if (has_failed(entry) || entry.verification == Verification::different)
        return Tone::bad;
    if (entry.is_over())
        return entry.result && entry.result->ending == Ending::gone ? Tone::warning : Tone::good;
    if (!entry.waits_for.empty() || entry.state == State::complete ||
        entry.polled_by == PolledBy::nobody || entry.verification == Verification::suspect)
        return Tone::warning;
    return Tone::plain;
}

bool has_failed(const Entry& entry) {
    if (!entry.result)
        return false;
    const auto ending = entry.result->ending;
    return ending == Ending::failed || ending == Ending::killed || ending == Ending::unknown;
}

std::string left_text(const Entry& entry, overview::WallTime now) {
    if (!entry.expected_end)
        return {};
    return duration_text(std::chrono::ceil<std::chrono::seconds>(*entry.expected_end - now));
}

std::string rate_text(const Entry& entry) {
    return entry.bytes_per_second ? bytes_text(*entry.bytes_per_second) + "/s" : std::string();
}

} // namespace lvmpolld::ctl
