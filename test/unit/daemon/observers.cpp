// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/observers.h"

#include "base/virtual_clock.h"

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace lvmpolld {

namespace {

using namespace std::chrono_literals;
using overview::Entry;
using Use = Observers::Use;

Entry under_way(std::uint64_t done = 0) {
    Entry entry{.identifier = "poll-1"};
    entry.state = overview::State::watching;
    entry.bytes_done = done;
    return entry;
}

/// Observers of a monitor that a test answers for.
class ObserversTest : public ::testing::Test {
protected:
    using Answered = std::function<void(std::optional<Survey::Answer>)>;

    void run() {
        loop.restart();
        loop.poll();
    }

    void advance(std::chrono::nanoseconds time) {
        clock.advance(time);
        run();
    }

    /// The monitor answers the oldest question.
    void answer(std::vector<Entry> entries, std::chrono::nanoseconds took = 0s) {
        ASSERT_FALSE(questions.empty());
        const auto question = std::move(questions.front());
        questions.erase(questions.begin());
        question(Survey::Answer{std::move(entries), 7, took});
        run();
    }

    /// A follower, to whom this is shown.
    std::unique_ptr<Use> follow(std::vector<Entry> entries) {
        auto use = std::make_unique<Use>(observers, true);
        observers.ask([] {});
        answer(std::move(entries));
        return use;
    }

    asio::io_context loop;
    VirtualClock clock;
    std::vector<Answered> questions;
    std::vector<std::uint64_t> asked_after;
    std::vector<bool> follows;
    bool has_thread = true;
    int changes = 0;
    int failures = 0;
    Observers observers{loop,
                        clock,
                        {[this](std::uint64_t results, Answered answered) {
                             if (!has_thread)
                                 throw std::runtime_error("no thread");
                             asked_after.push_back(results);
                             questions.push_back(std::move(answered));
                         },
                         [this](bool on) { follows.push_back(on); }},
                        [this] { ++changes; },
                        [this] { ++failures; }};
};

} // namespace

TEST_F(ObserversTest, WhoAsksMeanwhileGetsTheNextAnswer) {
    const Use use(observers, false);
    std::string ready;
    observers.ask([&] { ready += 'a'; });
    observers.ask([&] { ready += 'b'; });
    observers.ask([&] { ready += 'c'; });
    EXPECT_EQ(questions.size(), 1U);
    answer({});
    EXPECT_EQ(ready, "a");
    ASSERT_EQ(questions.size(), 1U);
    answer({});
    EXPECT_EQ(ready, "abc");
    EXPECT_TRUE(questions.empty());
}

TEST_F(ObserversTest, NothingIsKeptForNobody) {
    for (int round = 0; round < 2; ++round) {
        const Use use(observers, false);
        observers.ask([] {});
        answer({under_way()});
        EXPECT_TRUE(observers.overview().has_any_under_way());
    }
    EXPECT_FALSE(observers.overview().has_any_under_way());
    EXPECT_EQ(asked_after, (std::vector<std::uint64_t>{0, 0})) << "the results are asked for anew";
    EXPECT_TRUE(follows.empty());
}

TEST_F(ObserversTest, AnAnswerForWhoHasGoneIsDropped) {
    auto gone = std::make_unique<Use>(observers, false);
    observers.ask([] { ADD_FAILURE() << "it is gone"; });
    gone.reset();
    const Use use(observers, false);
    bool ready = false;
    observers.ask([&] { ready = true; });
    answer({under_way()});
    EXPECT_FALSE(ready);
    EXPECT_FALSE(observers.overview().has_any_under_way());
    answer({});
    EXPECT_TRUE(ready);
}

TEST_F(ObserversTest, FollowersAreToldFiveTimesASecond) {
    const auto use = follow({under_way()});
    advance(0s);
    answer({under_way(1)});
    EXPECT_EQ(changes, 1);
    advance(Observers::shortest_pause - 1ms);
    EXPECT_TRUE(questions.empty());
    advance(1ms);
    answer({under_way(2)});
    EXPECT_EQ(changes, 2);
}

TEST_F(ObserversTest, WhatAListHasShownIsToldInItsTime) {
    const auto use = follow({under_way()});
    advance(0s);
    answer({under_way()});
    observers.ask([] {});
    answer({under_way(1)});
    const int before = changes;
    advance(Observers::shortest_pause);
    answer({under_way(1)});
    EXPECT_EQ(changes, before + 1);
}

TEST_F(ObserversTest, NothingIsAskedWhileNothingGoesOn) {
    const auto use = follow({});
    advance(1h);
    EXPECT_TRUE(questions.empty());
    observers.nudge();
    advance(0s);
    EXPECT_EQ(questions.size(), 1U);
}

TEST_F(ObserversTest, AChangeDuringASurveyIsLookedAtAgain) {
    const auto use = follow({});
    observers.nudge();
    advance(0s);
    observers.nudge();
    answer({});
    EXPECT_TRUE(questions.empty());
    advance(Observers::shortest_pause);
    EXPECT_EQ(questions.size(), 1U);
}

TEST_F(ObserversTest, ALongSurveyIsARareOne) {
    const auto use = follow({under_way()});
    advance(0s);
    answer({under_way(1)}, 100ms);
    advance(100ms * Observers::share_of_time - 1ms);
    EXPECT_TRUE(questions.empty());
    advance(1ms);
    EXPECT_EQ(questions.size(), 1U);
}

TEST_F(ObserversTest, TheLastFollowerEndsTheFollowing) {
    auto first = follow({under_way()});
    auto second = std::make_unique<Use>(observers, true);
    first.reset();
    EXPECT_EQ(follows, std::vector<bool>{true});
    second.reset();
    EXPECT_EQ(follows, (std::vector<bool>{true, false}));
    questions.clear();
    observers.nudge();
    advance(1h);
    EXPECT_TRUE(questions.empty());
}

TEST_F(ObserversTest, WithoutMemoryAllBeginAnew) {
    const Use use(observers, false);
    observers.ask([] { ADD_FAILURE() << "there is nothing to read"; });
    std::exchange(questions, {}).front()(std::nullopt);
    EXPECT_EQ(failures, 1);
    observers.ask([] {});
    answer({under_way()});
    EXPECT_TRUE(observers.overview().has_any_under_way());
}

TEST_F(ObserversTest, WithoutAThreadWhoAsksIsTold) {
    const Use use(observers, false);
    has_thread = false;
    EXPECT_THROW(observers.ask([] { ADD_FAILURE() << "nobody has asked"; }), std::runtime_error);
    has_thread = true;
    bool ready = false;
    observers.ask([&] { ready = true; });
    answer({});
    EXPECT_TRUE(ready);
}

} // namespace lvmpolld
