// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The rules of what may be committed, over every combination of facts.
#include "engine/plan_test.h"

namespace lvmpolld {
namespace {

TEST(Plan, Rule7NoLvpollGetsACopyThatMayNotBeCommitted) {
    for_each_free([](const Facts& f) {
        const auto action = plan(f);
        const auto* start = as<Start>(action);
        if (start != nullptr && start->purpose != Purpose::decide) {
            ASSERT_EQ(f.verdict, Verdict::commit);
        }
    });
    for_each_child([](const Facts& f) {
        if (!f.survivor || f.child != Child::running) {
            return;
        }
        auto own = f;
        own.survivor = false;
        const bool may_stay = f.verdict == Verdict::commit && !f.watched;
        ASSERT_EQ(plan(f), may_stay ? plan(own) : Action(Retire{}));
    });
    auto f = free_to_go(Seen::complete);
    f.verdict = Verdict::compare;
    EXPECT_EQ(plan(f), Action(Compare{}));
    f.verdict = Verdict::refuse;
    EXPECT_EQ(plan(f), Action(Finish{How::refused_unverified}));
}

TEST(Plan, Rule7WhereNothingIsCopiedNothingIsCompared) {
    for (const auto verdict : verdicts) {
        auto f = free_to_go(Seen::nothing);
        f.verdict = verdict;
        EXPECT_EQ(plan(f), Action(Start{Purpose::decide}));
    }
}

TEST(Plan, Rule7ABadCopyIsRefused) {
    for_each_comparison([](const Facts& f) {
        if (f.comparing == Comparing::bad && f.same && f.seen != Seen::unknown &&
            !must_be_quiet(f)) {
            ASSERT_EQ(plan(f), Action(Finish{How::refused_bad}));
        }
    });
}

TEST(Plan, Rule8AComparisonGoesOnWhileItsMirrorIsThere) {
    for_each_comparison([](const Facts& f) {
        const bool shown = f.seen != Seen::unknown && f.seen != Seen::failed;
        if (f.comparing == Comparing::running && !must_be_quiet(f) &&
            (f.seen == Seen::failed || (shown && f.same))) {
            ASSERT_EQ(plan(f), Action(Wait{f.look_at, Reason::comparing}));
        }
        if ((f.comparing == Comparing::equal || f.comparing == Comparing::bad) &&
            f.seen == Seen::unknown && !must_be_quiet(f)) {
            ASSERT_EQ(plan(f), Action(Look{})) << "before it counts";
        }
    });
}

TEST(Plan, Rule8AVerdictHoldsForTheMirrorThatWasCompared) {
    for_each_comparison([](const Facts& f) {
        const auto action = plan(f);
        if (action == Action(Finish{How::refused_bad}) || as<Accept>(action) != nullptr) {
            ASSERT_TRUE(f.same);
            ASSERT_NE(f.seen, Seen::unknown);
        }
        if (must_be_quiet(f) || f.seen == Seen::unknown) {
            return;
        }
        if (f.comparing == Comparing::running && !f.same && f.seen != Seen::failed) {
            ASSERT_EQ(action, Action(Cancel{}));
        }
        if ((f.comparing == Comparing::equal || f.comparing == Comparing::bad) && !f.same) {
            ASSERT_EQ(action, Action(Drop{}));
        }
        if (f.comparing == Comparing::equal && f.same) {
            ASSERT_EQ(action, Action(Accept{}));
        }
    });
    for_each_comparison([](const Facts& f) {
        if (f.comparing == Comparing::useless) {
            ASSERT_EQ(plan(f), Action(Drop{}));
        }
        if (f.comparing == Comparing::cancelled) {
            ASSERT_EQ(plan(f), Action(Wait{Facts::never, Reason::comparison_end}));
        }
        if (f.comparing == Comparing::running && f.seen == Seen::unknown && !must_be_quiet(f)) {
            ASSERT_EQ(plan(f), Action(Look{}));
        }
    });
}

TEST(Plan, Rule8WhatCouldNotBeComparedIsComparedLater) {
    auto f = free_to_go(Seen::complete);
    f.verdict = Verdict::compare;
    f.look_at = later + 1s;
    f.next_comparison = later;
    EXPECT_EQ(plan(f), Action(Wait{later, Reason::next_comparison}));
    f.look_at = later - 1ms;
    EXPECT_EQ(plan(f), Action(Wait{later - 1ms, Reason::next_comparison}));
    f.verdict = Verdict::commit;
    EXPECT_EQ(plan(f), Action(Start{Purpose::step})) << "it needs no comparison any more";
    f.verdict = Verdict::compare;
    f.next_comparison = now;
    EXPECT_EQ(plan(f), Action(Compare{}));
}

TEST(Plan, Rule9WhatCannotBeComparedIsRefused) {
    for (const auto seen : {Seen::failed, Seen::strange}) {
        auto f = free_to_go(seen);
        f.verdict = Verdict::refuse;
        EXPECT_EQ(plan(f), Action(Finish{How::refused_unverified}));
    }
    for (const auto seen :
         {Seen::failed, Seen::nothing, Seen::strange, Seen::copying, Seen::complete}) {
        auto f = free_to_go(seen);
        f.watched = false;
        f.verdict = Verdict::refuse;
        EXPECT_EQ(plan(f), Action(Finish{How::refused_unverified}));
        f.name_taken = true;
        EXPECT_EQ(plan(f), Action(Finish{How::refused_unverified})) << "whoever has its name";
    }
}

} // namespace
} // namespace lvmpolld
