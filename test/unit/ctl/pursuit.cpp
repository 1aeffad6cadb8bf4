// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/pursuit.h"
#include "samples.h"

#include <gtest/gtest.h>

using namespace lvmpolld;
using namespace lvmpolld::ctl;
using namespace lvmpolld::test;
using overview::Ending;
using Newcomers = Pursuit::Newcomers;
using namespace std::chrono_literals;

namespace {

Pursuit of_all(Newcomers newcomers = Newcomers::ignored) {
    return {Selection{}, newcomers, now - 10s};
}

/// As the kernel shows it while nobody polls it.
overview::Entry foreign() {
    auto entry = unpolled();
    entry.state = overview::State::copying;
    return entry;
}

overview::Entry as(overview::Entry entry, Ending ending) {
    entry.state = overview::State::finished;
    entry.finished = now;
    entry.result = {.ending = ending};
    return entry;
}

overview::Entry other() {
    auto entry = rebuilding();
    entry.lvid = std::string(64, 'B');
    return entry;
}

} // namespace

TEST(Pursuit, IsOverWhenAllHaveEnded) {
    auto pursuit = of_all();
    pursuit.begin({moving(), other()});
    EXPECT_EQ(pursuit.under_way(), 2U);
    pursuit.take({completed()});
    EXPECT_FALSE(pursuit.is_over());
    pursuit.take({as(other(), Ending::completed)});
    EXPECT_TRUE(pursuit.is_over());
    EXPECT_EQ(pursuit.failed(), 0U);
}

TEST(Pursuit, CountsFailures) {
    auto pursuit = of_all();
    pursuit.begin({moving(), other()});
    pursuit.take({failed(), as(other(), Ending::gone)});
    EXPECT_TRUE(pursuit.is_over());
    EXPECT_EQ(pursuit.failed(), 1U);
}

TEST(Pursuit, FollowsWhatIsSelectedOnly) {
    Pursuit pursuit({.whats = {*parse_what("vg0", {})}, .kinds = {}}, Newcomers::followed, now);
    pursuit.begin({moving(), other()});
    pursuit.take({other()});
    EXPECT_EQ(pursuit.entries(), (std::vector{moving()}));
}

TEST(Pursuit, NewcomersAreFollowedIfWanted) {
    for (const auto newcomers : {Newcomers::ignored, Newcomers::followed}) {
        auto pursuit = of_all(newcomers);
        pursuit.begin({moving()});
        pursuit.take({other()});
        EXPECT_EQ(pursuit.entries().size(), newcomers == Newcomers::followed ? 2U : 1U);
    }
}

TEST(Pursuit, AnEndOfSomethingElseIsNoNewcomer) {
    auto pursuit = of_all(Newcomers::followed);
    pursuit.begin({moving()});
    pursuit.take({as(other(), Ending::failed)});
    EXPECT_EQ(pursuit.entries(), (std::vector{moving()}));
}

TEST(Pursuit, GoesOnWithWhatIsTakenOver) {
    for (const auto newcomers : {Newcomers::ignored, Newcomers::followed})
        for (const bool heir_first : {true, false}) {
            auto pursuit = of_all(newcomers);
            pursuit.begin({foreign()});
            const auto over = as(foreign(), Ending::taken_over);
            if (heir_first)
                pursuit.take({moving()});
            pursuit.take({over});
            EXPECT_FALSE(pursuit.is_over());
            if (!heir_first)
                pursuit.take({moving()});
            EXPECT_EQ(pursuit.entries(), (std::vector{moving()}));
            pursuit.take({failed()});
            EXPECT_TRUE(pursuit.is_over());
            EXPECT_EQ(pursuit.failed(), 1U);
        }
}

TEST(Pursuit, AnAbortIsNotTheMoveThatItAborts) {
    auto abort = moving();
    abort.identifier = "abort-1";
    abort.store = overview::StoreKind::abort;
    auto pursuit = of_all();
    pursuit.begin({foreign()});
    pursuit.take({abort, as(foreign(), Ending::taken_over)});
    EXPECT_EQ(pursuit.entries().front().identifier, foreign().identifier);
}

TEST(Pursuit, ResumesByTheLvid) {
    auto pursuit = of_all();
    pursuit.begin({moving()});
    auto renamed = moving();
    renamed.identifier = "poll-1";
    pursuit.resume({renamed}, now);
    EXPECT_EQ(pursuit.entries(), (std::vector{renamed}));
    pursuit.resume({foreign()}, now);
    EXPECT_EQ(pursuit.entries(), (std::vector{foreign()}));
}

TEST(Pursuit, ResumesWithAResult) {
    auto pursuit = of_all();
    pursuit.begin({moving()});
    pursuit.resume({failed()}, now);
    EXPECT_EQ(pursuit.failed(), 1U);
}

TEST(Pursuit, AnOldResultIsOfNoAccount) {
    auto pursuit = of_all();
    pursuit.begin({moving()});
    auto old = failed();
    old.finished = now - 11s;
    pursuit.resume({old}, now);
    EXPECT_TRUE(pursuit.is_over());
    EXPECT_EQ(pursuit.entries().front().result->ending, Ending::gone);
}

TEST(Pursuit, WhatNobodyKnowsAnyMoreHasGone) {
    auto pursuit = of_all();
    pursuit.begin({moving(), other()});
    pursuit.resume({other()}, now);
    EXPECT_EQ(pursuit.entries().front().result->ending, Ending::gone);
    EXPECT_EQ(pursuit.under_way(), 1U);
    EXPECT_EQ(pursuit.failed(), 0U);
}
