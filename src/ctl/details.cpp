// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/details.h"

#include "base/joined.h"
#include "ctl/units.h"

#include <chrono>
#include <utility>
#include <vector>

namespace lvmpolld::ctl {

namespace {

using overview::Engine;
using overview::Entry;
using overview::PolledBy;
using overview::WallTime;

std::string timed(WallTime then, WallTime now) {
    auto text = timestamp(then);
    if (then <= now)
        text += ", " + duration_text(std::chrono::floor<std::chrono::seconds>(now - then)) + " ago";
    return text;
}

std::string share(const std::optional<std::uint64_t>& done,
                  const std::optional<std::uint64_t>& total) {
    if (!done || !total)
        return {};
    return bytes_text(*done) + " of " + bytes_text(*total) + ", " + percent_text(*done, *total);
}

std::string poller(const Entry& entry) {
    switch (entry.polled_by) {
    case PolledBy::nobody:
        return "not by lvmpolld: the command that began it, or nobody";
    case PolledBy::not_needed:
        return "nobody has to: the kernel ends it by itself";
    case PolledBy::daemon:
        break;
    }
    if (!entry.engine)
        return "lvmpolld";
    return *entry.engine == Engine::watched ? "lvmpolld, which watches the kernel"
                                            : "lvmpolld, by an lvpoll of its own";
}

std::string verification(const Entry& entry) {
    switch (entry.verification) {
    case Verification::none:
        return {};
    case Verification::suspect:
        return "suspect: the legs are compared before it is committed";
    case Verification::comparing:
        return "the legs are being compared";
    case Verification::equal:
        return "the legs are equal";
    case Verification::different:
        return "the legs differ, or one cannot be read: it is not committed";
    }
    return {};
}

template <class Number>
std::string number(const std::optional<Number>& value) {
    return value ? std::to_string(*value) : std::string();
}

} // namespace

std::string details(const Entry& entry, WallTime now, const Style& style) {
    const auto point = [&](const std::optional<WallTime>& then) {
        return then ? timed(*then, now) : std::string();
    };
    auto left = left_text(entry, now);
    if (!left.empty())
        left += ", until " + timestamp(*entry.expected_end);
    const std::vector<std::pair<const char*, std::string>> lines{
        {"state", {}},
        {"reads from", joined(entry.reads_from, ", ")},
        {"writes to", joined(entry.writes_to, ", ")},
        {"copied", share(entry.bytes_done, entry.bytes_total)},
        {"rate", rate_text(entry)},
        {"time left", left},
        {"compared", share(entry.bytes_compared, entry.bytes_to_compare)},
        {"verification", verification(entry)},
        {"started", point(entry.started)},
        {"last progress", point(entry.last_progress)},
        {"finished", point(entry.finished)},
        {"polled by", poller(entry)},
        {"lvpoll", entry.child ? "PID " + number(entry.child) : std::string()},
        {"interval", entry.interval ? duration_text(*entry.interval) : std::string()},
        {"commands waiting", number(entry.waiting_clients)},
        {"requests", number(entry.requests)},
        {"LVID", entry.lvid},
        {"LVM_SYSTEM_DIR", entry.sysdir},
        {"identifier", entry.identifier},
    };
    constexpr std::size_t label_columns = 18;
    auto text = lv_name(entry) + ": " + what_word(entry) + "\n";
    for (const auto& [label, value] : lines) {
        const bool is_state = label == lines.front().first;
        if (!is_state && value.empty())
            continue;
        const std::string_view name = label;
        text.append("  ").append(name).append(label_columns - name.size(), ' ');
        text += is_state ? painted(state_text(entry), tone_of(entry), style) : harmless(value);
        text += "\n";
    }
    if (!entry.output.empty())
        text += "  lvpoll's last output:\n";
    for (const auto& line : entry.output)
        text += "  | " + harmless(line) + "\n";
    return text;
}

} // namespace lvmpolld::ctl
