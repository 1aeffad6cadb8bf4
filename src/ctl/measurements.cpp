// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The labels of an operation are what its volume is called and what is done to it, and do not
// change while it goes on; what changes is a value, or a label of `lvmpolld_operation_state`. All
// label values are words of the Varlink interfaces.
#include "ctl/measurements.h"

#include "ctl/statistics_metrics.h"
#include "ctl/words.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace lvmpolld::ctl {

namespace {

using overview::Entry;
using Family = Exposition::Family;
using Labels = Exposition::Labels;

/// As io.lvmpolld.Statistics counts them: an abort is a type of its own.
std::string type_of(const Entry& entry) {
    return std::string(entry.store == overview::StoreKind::abort ? name(*entry.store)
                                                                 : name(entry.kind));
}

Labels labels_of(const Entry& entry) {
    return {{"vg", entry.vg},
            {"lv", entry.lv},
            {"lvid", entry.lvid},
            {"type", type_of(entry)},
            {"system_directory", entry.sysdir}};
}

Labels operator+(Labels labels, const Labels& more) {
    labels.insert(labels.end(), more.begin(), more.end());
    return labels;
}

/// Since the last progress that was seen, or since the begin if none was. A clock that was set back
/// makes no negative age.
std::optional<double> progress_age(const Entry& entry, overview::WallTime now) {
    const auto last = std::max(entry.last_progress, entry.started);
    if (!last)
        return std::nullopt;
    return in_seconds(std::max(now - *last, overview::WallTime{}));
}

std::string result_of(const Entry& entry) {
    const bool is_suspect = entry.verification == Verification::suspect ||
                            entry.verification == Verification::different;
    if (entry.result->ending == overview::Ending::failed && is_suspect)
        return "refused";
    return std::string(name(entry.result->ending));
}

void add_daemon(Exposition& text, const Measurements& measured) {
    text.begin({.name = "lvmpolld_running",
                .help = "Whether a poll daemon runs, which may also be lvm2's own. An idle one "
                        "ends, and the next lvm command starts it."});
    text.add({}, std::uint64_t{measured.runs ? 1U : 0U});
    text.begin({.name = "lvmpolld_up", .help = "Whether a poll daemon answers."});
    text.add({}, std::uint64_t{measured.answers ? 1U : 0U});
}

void add_counts(Exposition& text, const std::vector<const Entry*>& entries) {
    std::map<Labels, std::uint64_t> counts;
    for (const auto* entry : entries)
        ++counts[{{"type", type_of(*entry)},
                  {"state", std::string(name(entry->state))},
                  {"polled_by", std::string(name(entry->polled_by))}}];
    text.begin({.name = "lvmpolld_operations", .help = "Operations that are under way."});
    for (const auto& [labels, count] : counts)
        text.add(labels, count);
}

/// A family that has a sample for each entry of which `value` is known.
template <class Value>
void add_each(Exposition& text, const std::vector<const Entry*>& entries, const Family& family,
              const Value& value) {
    text.begin(family);
    for (const auto* entry : entries)
        if (const auto known = value(*entry))
            text.add(labels_of(*entry), *known);
}

void add_operations(Exposition& text, const std::vector<const Entry*>& entries,
                    overview::WallTime now) {
    text.begin({.name = "lvmpolld_operation_state",
                .help = "1: the state that the operation is in, and who polls it."});
    for (const auto* entry : entries)
        text.add(labels_of(*entry) + Labels{{"state", std::string(name(entry->state))},
                                            {"polled_by", std::string(name(entry->polled_by))}},
                 std::uint64_t{1});
    add_each(text, entries,
             {.name = "lvmpolld_operation_progress_ratio",
              .unit = "ratio",
              .help = "How much of it is done, from 0 to 1."},
             [](const Entry& entry) -> std::optional<double> {
                 if (!entry.bytes_done || entry.bytes_total.value_or(0) == 0)
                     return std::nullopt;
                 return static_cast<double>(*entry.bytes_done) /
                        static_cast<double>(*entry.bytes_total);
             });
    add_each(text, entries,
             {.name = "lvmpolld_operation_done_bytes",
              .unit = "bytes",
              .help = "Bytes that are copied."},
             [](const Entry& entry) { return entry.bytes_done; });
    add_each(
        text, entries,
        {.name = "lvmpolld_operation_size_bytes", .unit = "bytes", .help = "Bytes to copy in all."},
        [](const Entry& entry) { return entry.bytes_total; });
    add_each(text, entries,
             {.name = "lvmpolld_operation_rate_bytes_per_second",
              .unit = "bytes_per_second",
              .help = "Bytes copied in a second, over the last samples."},
             [](const Entry& entry) { return entry.bytes_per_second; });
    add_each(text, entries,
             {.name = "lvmpolld_operation_age_seconds",
              .unit = "seconds",
              .help = "Since the daemon accepted the operation."},
             [&](const Entry& entry) -> std::optional<double> {
                 if (!entry.started)
                     return std::nullopt;
                 return in_seconds(std::max(now - *entry.started, overview::WallTime{}));
             });
    add_each(text, entries,
             {.name = "lvmpolld_operation_progress_age_seconds",
              .unit = "seconds",
              .help = "Since the last progress of the operation, or since the daemon accepted it."},
             [&](const Entry& entry) { return progress_age(entry, now); });
}

/// The latest ones first, since of two that are called the same the first stays.
void add_failures(Exposition& text, const std::vector<Entry>& entries) {
    std::vector<const Entry*> failures;
    for (const auto& entry : entries)
        if (entry.is_over() && has_failed(entry) && entry.finished)
            failures.push_back(&entry);
    std::ranges::stable_sort(failures, std::ranges::greater{},
                             [](const Entry* entry) { return *entry->finished; });
    text.begin({.name = "lvmpolld_operation_failure_timestamp_seconds",
                .unit = "seconds",
                .help = "When the operation failed, of the results that the daemon remembers."});
    for (const auto* entry : failures)
        text.add(labels_of(*entry) + Labels{{"result", result_of(*entry)}},
                 in_seconds(*entry->finished));
}

} // namespace

std::string metrics_text(const Measurements& measurements, Exposition::Format format) {
    std::vector<const Entry*> under_way;
    for (const auto& entry : measurements.entries)
        if (!entry.is_over())
            under_way.push_back(&entry);
    Exposition text(format);
    add_daemon(text, measurements);
    add_counts(text, under_way);
    add_operations(text, under_way, measurements.now);
    add_failures(text, measurements.entries);
    if (measurements.statistics)
        add_statistics(text, *measurements.statistics);
    return text.finish();
}

} // namespace lvmpolld::ctl
