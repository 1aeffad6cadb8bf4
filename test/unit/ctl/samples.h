// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "overview/entry.h"

#include <string>
#include <vector>

/// Entries of all sorts, at one moment.
namespace lvmpolld::test {

inline constexpr overview::WallTime now{1'764'124'184'000'000}; // 2025-11-26T02:29:44Z
inline constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;

inline const std::string lvid(64, 'A');

inline overview::Entry moving() {
    using namespace std::chrono_literals;
    overview::Entry entry{.identifier = "poll-17"};
    entry.store = overview::StoreKind::poll;
    entry.vg = "vg0";
    entry.lv = "pvmove0";
    entry.lvid = lvid;
    entry.interval = 15s;
    entry.state = overview::State::watching;
    entry.engine = overview::Engine::watched;
    entry.bytes_done = 2800 * mebibyte;
    entry.bytes_total = 6553 * mebibyte;
    entry.bytes_per_second = 118 * mebibyte;
    entry.expected_end = now + 32s;
    entry.started = now - 75s;
    entry.last_progress = now - 1s;
    entry.waiting_clients = 1;
    entry.requests = 2;
    entry.reads_from = {"/dev/sdb"};
    entry.writes_to = {"/dev/sdc"};
    return entry;
}

inline overview::Entry comparing() {
    auto entry = moving();
    entry.identifier = "poll-18";
    entry.vg = "vg-with-a-long-name";
    entry.lv = "pvmove1";
    entry.state = overview::State::verifying;
    entry.bytes_done = entry.bytes_total;
    entry.bytes_per_second.reset();
    entry.expected_end.reset();
    entry.verification = Verification::comparing;
    entry.bytes_compared = 100 * mebibyte;
    entry.bytes_to_compare = 6553 * mebibyte;
    entry.reads_from = {"/dev/mapper/mpatha"};
    entry.writes_to = {"/dev/mapper/mpathb"};
    return entry;
}

inline overview::Entry merging() {
    overview::Entry entry{.identifier = "poll-19", .kind = overview::Kind::merge};
    entry.store = overview::StoreKind::poll;
    entry.vg = "vg0";
    entry.lv = "root";
    entry.lvid = lvid;
    entry.state = overview::State::stepping;
    entry.engine = overview::Engine::watched;
    entry.child = 812;
    entry.waits_for = "waiting for the lock of vg0, held by vgcreate[811]";
    return entry;
}

inline overview::Entry rebuilding() {
    overview::Entry entry{.identifier = "kernel-3", .kind = overview::Kind::raid_rebuild};
    entry.polled_by = overview::PolledBy::not_needed;
    entry.vg = "vg1";
    entry.lv = "data";
    entry.lvid = lvid;
    entry.state = overview::State::copying;
    entry.bytes_done = 0;
    entry.bytes_total = std::uint64_t{4} << 40;
    entry.reads_from = {"/dev/sdd", "/dev/sde"};
    entry.writes_to = {"/dev/sdf"};
    return entry;
}

inline overview::Entry unpolled() {
    auto entry = moving();
    entry.identifier = "kernel-4";
    entry.store.reset();
    entry.polled_by = overview::PolledBy::nobody;
    entry.lv = "pvmove2";
    entry.interval.reset();
    entry.engine.reset();
    entry.started.reset();
    entry.waiting_clients.reset();
    entry.requests.reset();
    entry.state = overview::State::complete;
    entry.bytes_done = entry.bytes_total;
    entry.bytes_per_second.reset();
    entry.expected_end.reset();
    return entry;
}

inline overview::Entry ended(overview::Outcome outcome) {
    using namespace std::chrono_literals;
    auto entry = moving();
    entry.state = overview::State::finished;
    entry.bytes_done = entry.bytes_total;
    entry.bytes_per_second.reset();
    entry.expected_end.reset();
    entry.finished = now - 3s;
    entry.result = std::move(outcome);
    return entry;
}

inline overview::Entry failed() {
    auto entry = ended({.ending = overview::Ending::failed,
                        .exit_code = 5,
                        .reason = "the leg on /dev/sdc \x1b[31mcan't be read"});
    entry.output = {"  vg0/pvmove0: Moved: 64.00%", "  Error reading \x1b[31m/dev/sdc"};
    return entry;
}

inline overview::Entry completed() {
    return ended({.ending = overview::Ending::completed, .exit_code = 0});
}

inline std::vector<overview::Entry> under_way() {
    return {moving(), comparing(), merging(), rebuilding(), unpolled()};
}

} // namespace lvmpolld::test
