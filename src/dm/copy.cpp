// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dm/copy.h"

#include <algorithm>
#include <array>

namespace lvmpolld::dm {

namespace {

constexpr auto keeps_source = "The source is intact: `pvmove --abort` keeps it";
constexpr auto keeps_first_leg = "The first leg is intact: `lvconvert -m0` keeps it";

/// In the order of OperationType: visible, comparable, event_at_end, own_lvid, stays_complete.
constexpr std::array<Kind, 4> kinds{{
    {true, true, true, true, false, keeps_source, "mirror"},    // pvmove
    {true, true, true, false, true, keeps_first_leg, "mirror"}, // convert
    {true, false, false, false, false, "", "merge"},            // merge
    {false, false, false, false, false, "", "merge"},           // merge_thin
}};

} // namespace

const std::vector<Leg>& legs(const Copy& copy) noexcept {
    static const std::vector<Leg> none;
    const auto* mirror = std::get_if<Mirror>(&copy.target);
    return mirror != nullptr ? mirror->legs : none;
}

CopyKey key(const Copy& copy) {
    const auto* merge = std::get_if<Merge>(&copy.target);
    return {copy.segment_start, legs(copy), merge != nullptr ? merge->cow : 0};
}

std::optional<Leg> failed_leg(const Copy& copy) noexcept {
    const auto* mirror = std::get_if<Mirror>(&copy.target);
    if (mirror == nullptr)
        return std::nullopt;
    const auto letter = mirror->health.find_first_not_of('A');
    if (letter >= mirror->legs.size())
        return std::nullopt;
    return mirror->legs[letter];
}

bool is_unhealthy(const Copy& copy) noexcept {
    return failed_leg(copy).has_value();
}

bool ends_with_device(const Copy& copy) noexcept {
    const auto* mirror = std::get_if<Mirror>(&copy.target);
    return mirror != nullptr && mirror->in_memory;
}

Progress progress(std::uint64_t first_total, const Copy& now) noexcept {
    if (now.total > first_total)
        return {now.copied, now.total};
    return {first_total - now.total + now.copied, first_total};
}

const Kind& kind_of(OperationType type) noexcept {
    return kinds[static_cast<std::size_t>(type)];
}

bool is_unfinished(OperationType type, const std::optional<CopyKey>& before, const Copy& now) {
    const auto& kind = kind_of(type);
    if (kind.own_lvid)
        return true;
    const auto* mirror = std::get_if<Mirror>(&now.target);
    if (kind.stays_complete && now.complete && (mirror == nullptr || !mirror->layered))
        return false;
    return before == key(now);
}

} // namespace lvmpolld::dm
