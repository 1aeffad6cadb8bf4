// SPDX-License-Identifier: LGPL-2.1-or-later
#include "volumes.h"

#include "dm/name.h"
#include "dm/simulated_kernel.h"

#include <charconv>

namespace lvmpolld::endurance {

namespace {

constexpr std::size_t lvid_characters = 64;
constexpr std::uint64_t sectors = 8192;

std::string padded(std::size_t number, std::size_t width) {
    auto digits = std::to_string(number);
    return std::string(width - digits.size(), '0') + digits;
}

/// The number that the text ends with.
std::size_t number_in(std::string_view text) {
    text.remove_prefix(text.find_last_not_of("0123456789") + 1);
    std::size_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

} // namespace

std::string lvid_of(std::size_t lv) {
    return padded(lv, lvid_characters);
}

std::string vg_name(std::size_t vg) {
    return "vg" + padded(vg, 4);
}

std::string lv_name(std::size_t lv) {
    return "pvmove" + padded(lv, 5);
}

Volumes::Volumes(std::size_t count, std::size_t per_vg)
    : per_vg_(per_vg), lvs_(count), events_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!events_)
        throw_errno("eventfd");
}

void Volumes::begin_all() {
    for (auto& lv : lvs_)
        lv.state = State::copying;
}

void Volumes::complete_all() {
    for (auto& lv : lvs_) {
        lv.state = State::in_sync;
        ++lv.events;
    }
    raise();
}

void Volumes::remove(std::string_view lvid) {
    lvs_.at(number_in(lvid)).state = State::inactive;
    raise();
}

void Volumes::raise() {
    if (::eventfd_write(events_.get(), 1) != 0)
        throw_errno("eventfd_write");
}

void Volumes::arm() {
    eventfd_t count = 0;
    ::eventfd_read(events_.get(), &count);
}

dm::View Volumes::look(std::string_view lvid, OperationType) {
    const auto number = number_in(lvid);
    const auto& lv = lvs_.at(number);
    if (lv.state == State::inactive)
        return dm::Inactive{};
    const auto copied = lv.state == State::in_sync ? sectors : sectors / 2;
    auto copy = dm::SimulatedKernel::mirror(lvid, vg_name(number / per_vg_), lv_name(number),
                                            copied, sectors, 0, sectors);
    copy.event_number = lv.events;
    return copy;
}

std::optional<std::uint32_t> Volumes::event_number(std::string_view uuid) {
    const auto& lv = lvs_.at(number_in(uuid));
    return lv.state == State::inactive ? std::nullopt : std::optional(lv.events);
}

std::optional<std::string> Volumes::lvid_of(std::string_view, std::string_view lv) {
    const auto number = number_in(lv);
    if (lvs_.at(number).state == State::inactive)
        return std::nullopt;
    return endurance::lvid_of(number);
}

std::vector<dm::ActiveLv> Volumes::active_lvs() {
    std::vector<dm::ActiveLv> active;
    for (std::size_t number = 0; number < lvs_.size(); ++number)
        if (lvs_[number].state != State::inactive)
            active.push_back(
                {endurance::lvid_of(number), vg_name(number / per_vg_), lv_name(number)});
    return active;
}

} // namespace lvmpolld::endurance
