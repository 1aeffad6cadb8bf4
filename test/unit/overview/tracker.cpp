// SPDX-License-Identifier: LGPL-2.1-or-later
#include "overview/tracker.h"

#include "operation/test_request.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace lvmpolld::overview {

namespace {

using namespace std::chrono_literals;
using Type = dm::Activity::Type;

constexpr std::uint64_t sector = 512;

dm::Sighting sighting(Type type, std::uint64_t copied, std::uint64_t total,
                      std::string lv = "pvmove0", std::string lvid = "id") {
    dm::Sighting result;
    result.activity.type = type;
    result.activity.uuid = "LVM-" + lvid;
    result.activity.lvid = std::move(lvid);
    result.activity.vg = "vg";
    result.activity.lv = std::move(lv);
    result.activity.copied = copied;
    result.activity.total = total;
    result.activity.counts_down = type == Type::merge || type == Type::cache_flush;
    result.reads_from = {"/dev/sda"};
    result.writes_to = {"/dev/sdb"};
    return result;
}

/// A tracker with a clock that a round moves on by a second.
class Rounds {
public:
    const std::vector<Entry>& operator()(Tracker::Sightings sightings,
                                         const Tracker::Polls& polls = {},
                                         std::chrono::seconds later = 1s) {
        now_.boot += later;
        now_.steady += later;
        now_.wall += later;
        entries_ = tracker_.take(polls, sightings, now_);
        return entries_;
    }

    const Moment& now() const { return now_; }

private:
    Tracker tracker_;
    Moment now_{.wall = 1'000'000s, .boot = 1'000s, .steady = {}};
    std::vector<Entry> entries_;
};

/// An operation in progress on "id".
struct Polling {
    PollRequest request = poll_request();
    Operation::Snapshot state = watching();
    Operation::History history{};

    Tracker::Polls operator()() const { return {{request, 17, state, history}}; }

private:
    static Operation::Snapshot watching() {
        Operation::Snapshot state;
        state.phase = Phase::watching;
        return state;
    }
};

} // namespace

TEST(Tracker, ShowsAnOperationWithWhatTheKernelSays) {
    Rounds round;
    Polling polling;
    polling.state.waits_for = "its turn";
    polling.state.lvpoll = 4711;
    polling.state.init_requests = 3;
    polling.history = {.accepted_at = 995s, .finished_at = {}, .held_claims = 2};
    const auto& entries = round({sighting(Type::mirror, 100, 1000)}, polling());
    ASSERT_EQ(entries.size(), 1);
    const auto& entry = entries.front();
    EXPECT_EQ(entry.identifier, "poll-17");
    EXPECT_EQ(entry.polled_by, PolledBy::daemon);
    EXPECT_EQ(entry.state, State::watching);
    EXPECT_EQ(entry.engine, Engine::watched);
    EXPECT_EQ(entry.lv, "pvmove0") << "the name that the kernel has, not the request's";
    EXPECT_EQ(entry.bytes_done, 100 * sector);
    EXPECT_EQ(entry.bytes_total, 1000 * sector);
    EXPECT_EQ(entry.reads_from, std::vector<std::string>{"/dev/sda"});
    EXPECT_EQ(entry.writes_to, std::vector<std::string>{"/dev/sdb"});
    EXPECT_EQ(entry.waits_for, "its turn");
    EXPECT_EQ(entry.child, 4711);
    EXPECT_EQ(entry.requests, 3);
    EXPECT_EQ(entry.waiting_clients, 2);
    EXPECT_EQ(entry.started, round.now().wall - 6s);
}

TEST(Tracker, RateAndEndComeWithTheThirdSample) {
    Rounds round;
    const Polling polling;
    for (const std::uint64_t copied : {100U, 200U}) {
        const auto& entry = round({sighting(Type::mirror, copied, 1000)}, polling()).front();
        EXPECT_EQ(entry.bytes_per_second, std::nullopt);
        EXPECT_EQ(entry.expected_end, std::nullopt);
    }
    const auto& entry = round({sighting(Type::mirror, 300, 1000)}, polling()).front();
    EXPECT_EQ(entry.bytes_per_second, 100 * sector);
    EXPECT_EQ(entry.expected_end, round.now().wall + 7s);
    EXPECT_EQ(entry.last_progress, round.now().wall);
}

TEST(Tracker, LastProgressStaysWhileNothingMoves) {
    Rounds round;
    round({sighting(Type::mirror, 100, 1000)});
    round({sighting(Type::mirror, 200, 1000)});
    const auto moved = round.now().wall;
    EXPECT_EQ(round({sighting(Type::mirror, 200, 1000)}).front().last_progress, moved);
}

TEST(Tracker, ALongPauseForgetsTheRate) {
    Rounds round;
    for (const std::uint64_t copied : {100U, 200U, 300U})
        round({sighting(Type::mirror, copied, 1000)});
    EXPECT_EQ(round({sighting(Type::mirror, 400, 1000)}, {}, 61s).front().bytes_per_second,
              std::nullopt);
}

TEST(Tracker, AMergeIsMeasuredFromItsFirstSize) {
    Rounds round;
    round({sighting(Type::merge, 0, 800, "lv")});
    const auto& entry = round({sighting(Type::merge, 0, 200, "lv")}).front();
    EXPECT_EQ(entry.bytes_done, 600 * sector);
    EXPECT_EQ(entry.bytes_total, 800 * sector);
}

TEST(Tracker, AMergeThatTheDaemonKnowsLongerIsLarger) {
    Rounds round;
    Polling polling;
    polling.request.type = OperationType::merge;
    polling.state.progress = Progress{100, 1000};
    const auto& entry = round({sighting(Type::merge, 0, 800, "lv")}, polling()).front();
    EXPECT_EQ(entry.bytes_done, 200 * sector);
    EXPECT_EQ(entry.bytes_total, 1000 * sector);
}

TEST(Tracker, AResultKeepsWhatWasSeen) {
    Rounds round;
    Polling polling;
    round({sighting(Type::mirror, 900, 1000)}, polling());
    polling.state.phase = Phase::finished;
    polling.state.result = Exited{5};
    polling.state.waits_for = "NOT committed";
    const auto& entry = round({}, polling()).front();
    EXPECT_EQ(entry.state, State::finished);
    EXPECT_EQ(entry.lv, "pvmove0");
    EXPECT_EQ(entry.bytes_done, 900 * sector);
    EXPECT_EQ(entry.engine, Engine::watched);
    EXPECT_EQ(entry.waits_for, "");
    EXPECT_EQ(entry.result, outcome_of(Exited{5}, "NOT committed"));
}

TEST(Tracker, TheKernelsWorkHasItsKind) {
    const auto kind = [](Type type, const char* lv) {
        Rounds round;
        return round({sighting(type, 100, 1000, lv)}).front().kind;
    };
    EXPECT_EQ(kind(Type::mirror, "pvmove0"), Kind::pvmove);
    EXPECT_EQ(kind(Type::mirror, "lv"), Kind::convert);
    EXPECT_EQ(kind(Type::merge, "lv"), Kind::merge);
    EXPECT_EQ(kind(Type::raid_synchronisation, "lv"), Kind::raid_synchronisation);
    EXPECT_EQ(kind(Type::raid_rebuild, "lv"), Kind::raid_rebuild);
    EXPECT_EQ(kind(Type::raid_reshape, "lv"), Kind::raid_reshape);
    EXPECT_EQ(kind(Type::raid_scrub, "lv"), Kind::raid_scrub);
    EXPECT_EQ(kind(Type::cache_flush, "lv"), Kind::cache_flush);
    EXPECT_EQ(kind(Type::writecache_flush, "lv"), Kind::writecache_flush);
}

TEST(Tracker, WorkOnAFailedDeviceSaysSo) {
    auto failed = sighting(Type::raid_rebuild, 100, 1000, "lv");
    failed.activity.failed = true;
    Rounds round;
    EXPECT_EQ(round({failed}).front().waits_for, "a device beneath it has failed");
}

TEST(Tracker, AThinMergeIsShownWithoutTheKernelsWork) {
    Polling polling;
    polling.request.type = OperationType::merge_thin;
    Rounds round;
    const auto entries = round({sighting(Type::mirror, 100, 1000)}, polling());
    ASSERT_FALSE(entries.empty());
    EXPECT_EQ(entries.front().identifier, "poll-17");
    EXPECT_FALSE(entries.front().bytes_total.has_value());
}

TEST(Tracker, WhoPollsWhatTheDaemonDoesNot) {
    struct Case {
        const char* what;
        dm::Sighting sighting;
        std::optional<PolledBy> polled_by; ///< none: it is not shown
        State state = State::copying;
    };

    const auto changed = [](dm::Sighting sighting, bool dm::Activity::*flag) {
        sighting.activity.*flag = true;
        return sighting;
    };
    using A = dm::Activity;
    const auto move = sighting(Type::mirror, 1, 2);
    const auto mirror = sighting(Type::mirror, 1, 2, "lv");
    const auto merge = sighting(Type::merge, 0, 2, "lv");
    const auto raid = sighting(Type::raid_rebuild, 1, 2, "lv");
    const auto flush = sighting(Type::cache_flush, 0, 2, "lv");
    for (const auto& [what, sighted, polled_by, state] : {
             Case{"a pvmove", move, PolledBy::nobody},
             Case{"that waits", changed(move, &A::complete), PolledBy::nobody, State::complete},
             Case{"a leg that is added", mirror, PolledBy::not_needed},
             Case{"that is complete", changed(mirror, &A::complete), std::nullopt},
             Case{"a conversion", changed(mirror, &A::layered), PolledBy::nobody},
             Case{"a merge", merge, PolledBy::nobody},
             Case{"that waits", changed(merge, &A::complete), PolledBy::nobody, State::complete},
             Case{"a rebuild", raid, PolledBy::not_needed},
             Case{"an idle RAID", changed(raid, &A::idle), std::nullopt},
             Case{"a flush", flush, PolledBy::not_needed},
             Case{"a cache", changed(flush, &A::idle), std::nullopt},
         }) {
        Rounds round;
        const auto& entries = round({sighted});
        ASSERT_EQ(entries.size(), polled_by ? 1 : 0) << what;
        if (!polled_by)
            continue;
        EXPECT_EQ(entries.front().identifier, "kernel-1") << what;
        EXPECT_EQ(entries.front().polled_by, polled_by) << what;
        EXPECT_EQ(entries.front().state, state) << what;
        EXPECT_EQ(entries.front().store, std::nullopt) << what;
    }
}

TEST(Tracker, HowWorkOfTheKernelHasEnded) {
    struct Case {
        const char* what;
        Type type;
        std::optional<std::pair<bool, bool>> last; ///< complete, failed; none: gone
        std::optional<Ending> ending;              ///< none: it goes on
    };

    for (const auto& [what, type, last, ending] : {
             Case{"in sync", Type::raid_rebuild, std::pair{true, false}, Ending::completed},
             Case{"a leg is dead", Type::raid_rebuild, std::pair{false, true}, Ending::failed},
             Case{"frozen", Type::raid_rebuild, std::pair{false, false}, std::nullopt},
             Case{"deactivated", Type::raid_rebuild, std::nullopt, Ending::gone},
             Case{"flushed", Type::cache_flush, std::pair{true, false}, Ending::completed},
             Case{"given up", Type::cache_flush, std::pair{false, false}, Ending::failed},
             Case{"taken away", Type::cache_flush, std::nullopt, Ending::completed},
             Case{"committed or aborted", Type::mirror, std::nullopt, Ending::gone},
         }) {
        Rounds round;
        const auto lv = type == Type::mirror ? "pvmove0" : "lv";
        round({sighting(type, 1, 2, lv)});
        Tracker::Sightings after;
        if (last) {
            auto& activity = after.emplace_back(sighting(type, 2, 2, lv)).activity;
            activity.idle = true;
            std::tie(activity.complete, activity.failed) = *last;
        }
        const auto entries = round(after);
        ASSERT_EQ(entries.size(), 1) << what;
        EXPECT_EQ(entries.front().is_over(), ending.has_value()) << what;
        if (ending) {
            EXPECT_EQ(entries.front().result.value().ending, *ending) << what;
        }
        EXPECT_EQ(round(after).size(), ending ? 0 : 1) << what;
    }
}

TEST(Tracker, WhatTheDaemonTakesUpHasAnotherEntry) {
    Rounds round;
    round({sighting(Type::mirror, 1, 2)});
    const auto& entries = round({sighting(Type::mirror, 1, 2)}, Polling()());
    ASSERT_EQ(entries.size(), 2);
    EXPECT_EQ(entries[0].identifier, "kernel-1");
    EXPECT_EQ(entries[0].result.value().ending, Ending::taken_over);
    EXPECT_EQ(entries[1].identifier, "poll-17");
}

TEST(Tracker, WhatIsTakenUpMayBeOverAtTheNextLook) {
    Rounds round;
    round({sighting(Type::mirror, 1, 2)});
    Polling polling;
    polling.state.result = Exited{0};
    const auto& entries = round({}, polling());
    ASSERT_EQ(entries.size(), 2);
    EXPECT_EQ(entries[0].result.value().ending, Ending::taken_over);
    EXPECT_EQ(entries[1].identifier, "poll-17");
    EXPECT_EQ(entries[1].result.value().ending, Ending::completed);
}

TEST(Tracker, AnotherBeginIsAnotherEntry) {
    Rounds round;
    round({sighting(Type::raid_scrub, 1, 2, "lv")});
    round({});
    EXPECT_EQ(round({sighting(Type::raid_scrub, 1, 2, "lv")}).front().identifier, "kernel-2");
}

} // namespace lvmpolld::overview
