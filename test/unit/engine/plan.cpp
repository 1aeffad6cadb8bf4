// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The rules of when an lvpoll runs and what its end means, over every combination of facts.
#include "engine/plan_test.h"

#include <algorithm>

namespace lvmpolld {
namespace {

TEST(Plan, Rule1SuccessNeedsALookThatAgrees) {
    for_each_ending([](const Facts& f) {
        if (f.joined || f.ending != Ending::success || (f.late && shows_another(f))) {
            return;
        }
        const auto action = plan(f);
        const bool believes = action == Action(Finish{How::as_lvpoll_says});
        ASSERT_EQ(believes, !denies(f) && !is_silent(f) && !(f.seen == Seen::unknown && f.can_ask));
        ASSERT_EQ(as<Look>(action) != nullptr, f.seen == Seen::unknown && f.can_ask);
    });
}

TEST(Plan, Rule1ADeniedSuccessIsTriedAgainForAMinute) {
    for_each_ending([](const Facts& f) {
        if (f.joined || !denies(f)) {
            return;
        }
        if (f.watched && f.seen != Seen::complete) {
            ASSERT_EQ(plan(f), Action(Again{})) << "it is copied once more";
        } else if (f.give_up <= now) {
            ASSERT_EQ(plan(f), Action(Finish{How::denied}));
        } else {
            ASSERT_EQ(plan(f), Action(Retry{}));
        }
    });
}

TEST(Plan, Rule1ASilentKernelIsAskedAgainForAMinute) {
    for_each_ending([](const Facts& f) {
        if (f.joined || f.ending != Ending::success || !is_silent(f)) {
            return;
        }
        if (f.stopping) {
            ASSERT_EQ(plan(f), Action(Finish{How::stopped}));
        } else if (f.give_up <= now) {
            ASSERT_EQ(plan(f), Action(Finish{How::unconfirmed}));
        } else {
            const auto until = std::min(f.look_at, f.give_up);
            ASSERT_EQ(plan(f), Action(Wait{until, Reason::confirmation}));
        }
    });
}

TEST(Plan, Rule2LvpollIsRetiredAtTheNextSegment) {
    for_each_child([](const Facts& f) {
        const auto action = plan(f);
        const auto* retire = as<Retire>(action);
        if (retire == nullptr || !retire->advanced) {
            return;
        }
        ASSERT_NE(f.purpose, Purpose::resident);
        ASSERT_TRUE(is_copy(f));
        ASSERT_TRUE(f.purpose == Purpose::decide || !f.same || f.seen != Seen::complete);
    });
    for (const auto seen : {Seen::copying, Seen::stuck, Seen::complete}) {
        auto f = beside(Purpose::step, seen);
        EXPECT_EQ(plan(f), Action(Retire{true}));
        f.same = true;
        const bool due = seen == Seen::complete; // else it is copied anew, and not yet compared
        EXPECT_EQ(plan(f), due ? Action(Wait{later, Reason::stepping}) : Action(Retire{true}));
        for (const bool same : both) {
            auto deciding = beside(Purpose::decide, seen);
            deciding.same = same;
            EXPECT_EQ(plan(deciding), Action(Retire{true}));
        }
    }
    EXPECT_EQ(plan(beside(Purpose::step, Seen::unknown)), Action(Look{}));
    auto slow = beside(Purpose::step, Seen::complete);
    slow.lock_check = now;
    EXPECT_EQ(plan(slow), Action(Retire{true})) << "no lock matters to it any more";
}

TEST(Plan, Rule3AnEndIsTakenBeforeAnythingElse) {
    for_each_child([](const Facts& f) {
        if (f.child == Child::ended) {
            ASSERT_EQ(plan(f), Action(TakeEnd{}));
        } else {
            ASSERT_NE(plan(f), Action(TakeEnd{}));
        }
        if (f.child == Child::retired) {
            ASSERT_EQ(plan(f), Action(Wait{Facts::never, Reason::lvpoll_end}));
        }
    });
    for_each_ending([](const Facts& f) {
        if (f.ending == Ending::other && !f.joined && (f.seen != Seen::unknown || !f.can_ask)) {
            ASSERT_EQ(plan(f), Action(Finish{How::as_lvpoll_says}));
        }
    });
}

TEST(Plan, Rule4WhoeverJoinedIsServedByAnotherLook) {
    for_each_ending([](const Facts& f) {
        if (f.joined) {
            ASSERT_EQ(plan(f), Action(Again{}));
        }
    });
}

TEST(Plan, Rule4WhoeverCameLateIsServedIfThereIsACopy) {
    for_each_ending([](const Facts& f) {
        if (f.joined) {
            return;
        }
        ASSERT_TRUE(!f.late || !shows_another(f) || plan(f) == Action(Again{}));
        ASSERT_TRUE(f.late || !shows_another(f) || plan(f) == Action(Finish{How::as_lvpoll_says}));
    });
}

TEST(Plan, Rule5WhoIsFencedStartsNothing) {
    for_each([](const Facts& f) {
        if (!must_be_quiet(f)) {
            return;
        }
        const auto action = plan(f);
        ASSERT_FALSE(as<Start>(action) || as<Compare>(action) || as<TakeTurn>(action) ||
                     as<Accept>(action));
        if (f.child == Child::running) {
            ASSERT_EQ(action, Action(Retire{}));
        } else if (f.comparing == Comparing::running) {
            ASSERT_EQ(action, Action(Cancel{}));
        } else if (f.comparing == Comparing::equal || f.comparing == Comparing::bad) {
            ASSERT_EQ(action, Action(Drop{}));
        }
    });
    for_each_free([](const Facts& f) {
        if (f.stopping) {
            ASSERT_EQ(plan(f), Action(Finish{How::stopped}));
        } else if (must_be_quiet(f)) {
            ASSERT_EQ(plan(f), Action(Wait{f.fence_end, Reason::fenced}));
        }
    });
}

TEST(Plan, Rule5AnAbortGoesAheadAtItsDeadline) {
    auto f = free_to_go(Seen::copying);
    f.watched = false;
    f.fenced = true;
    f.fence_end = later;
    EXPECT_EQ(plan(f), Action(Wait{later, Reason::fenced}));
    f.fence_end = now;
    EXPECT_EQ(plan(f), Action(Start{Purpose::resident}));
}

TEST(Plan, Rule6OneLvpollDecidesAndItIsOver) {
    for_each_free([](const Facts& f) {
        const auto action = plan(f);
        ASSERT_FALSE(starts(action, Purpose::step) && f.seen != Seen::complete);
        ASSERT_FALSE(starts(action, Purpose::decide) && f.seen != Seen::nothing);
    });
    EXPECT_EQ(plan(free_to_go(Seen::nothing)), Action(Start{Purpose::decide}));
    EXPECT_EQ(plan(free_to_go(Seen::complete)), Action(Start{Purpose::step}));
    auto decided = free_to_go(Seen::nothing);
    decided.ending = Ending::success;
    EXPECT_EQ(plan(decided), Action(Finish{How::as_lvpoll_says}));
}

TEST(Plan, Rule10NothingRunsForANameThatIsAnothers) {
    for_each_free([](const Facts& f) {
        const auto action = plan(f);
        if (f.name_taken) {
            ASSERT_EQ(as<Start>(action), nullptr);
        }
        if (action == Action(Finish{How::name_is_anothers})) {
            ASSERT_TRUE(f.name_taken && f.seen == Seen::nothing);
        }
        if (action == Action(Finish{How::name_is_lost})) {
            ASSERT_TRUE(f.name_taken && !f.can_ask);
        }
        if (waits(action, Reason::name)) {
            ASSERT_TRUE(f.name_taken && f.seen != Seen::nothing);
            ASSERT_EQ(action, Action(Wait{f.look_at, Reason::name}));
        }
    });
    for_each_child([](const Facts& f) {
        if (f.child == Child::running && f.misdirected && !must_be_quiet(f)) {
            ASSERT_EQ(plan(f), Action(Retire{}));
        }
    });
    for (const bool watched : both) {
        auto f = free_to_go(Seen::complete);
        f.watched = watched;
        f.name_taken = true;
        EXPECT_TRUE(waits(plan(f), Reason::name));
        f.seen = Seen::nothing;
        EXPECT_EQ(plan(f), Action(Finish{How::name_is_anothers}));
    }
}

TEST(Plan, Rule10NoSuccessForAnLvThatIsNotSeenToBeGone) {
    auto f = free_to_go(Seen::strange);
    f.watched = false;
    f.name_taken = true;
    EXPECT_TRUE(waits(plan(f), Reason::name));
    f.can_ask = false;
    EXPECT_EQ(plan(f), Action(Finish{How::name_is_lost}));
}

TEST(Plan, Rule11AStepHasItsTurn) {
    for_each_free([](const Facts& f) {
        const auto action = plan(f);
        if (starts(action, Purpose::step) || starts(action, Purpose::decide)) {
            ASSERT_EQ(f.turn_to_step, Turn::held);
        }
        if (waits(action, Reason::turn_to_step)) {
            ASSERT_EQ(f.turn_to_step, Turn::waiting);
        }
        if (waits(action, Reason::turn_to_compare)) {
            ASSERT_TRUE(f.turn_to_compare == Turn::waiting && f.verdict == Verdict::compare);
        }
        if (as<Compare>(action) != nullptr) {
            ASSERT_EQ(f.turn_to_compare, Turn::none);
        }
    });
    auto f = free_to_go(Seen::complete);
    f.turn_to_step = Turn::none;
    EXPECT_EQ(plan(f), Action(TakeTurn{}));
    for (const auto step : {Turn::waiting, Turn::held}) {
        f.name_taken = true;
        f.seen = Seen::nothing;
        f.turn_to_step = step;
        EXPECT_EQ(plan(f), Action(Finish{How::name_is_anothers})) << "its turn is others'";
    }
}

TEST(Plan, Rule11WhoeverWaitsForATurnSaysSo) {
    auto f = free_to_go(Seen::complete);
    f.turn_to_step = Turn::waiting;
    EXPECT_EQ(plan(f), Action(Wait{later, Reason::turn_to_step}));
    f.verdict = Verdict::compare;
    f.turn_to_compare = Turn::waiting;
    EXPECT_EQ(plan(f), Action(Wait{later, Reason::turn_to_compare}));
    f.next_comparison = sooner;
    EXPECT_EQ(plan(f), Action(Wait{later, Reason::turn_to_compare}));
}

TEST(Plan, Rule11ALateStepGivesItsTurnBeforeAllElse) {
    for (const auto purpose : {Purpose::step, Purpose::decide}) {
        for (const auto seen : seens) {
            auto late = beside(purpose, seen);
            late.slot_end = now;
            late.lock_check = now;
            EXPECT_EQ(plan(late), Action(GiveTurn{}));
        }
    }
}

TEST(Plan, Rule12WhatIsNotWatchedHasAResidentLvpoll) {
    for_each_free([](const Facts& f) {
        const auto action = plan(f);
        if (!f.watched) {
            ASSERT_FALSE(starts(action, Purpose::step) || starts(action, Purpose::decide) ||
                         as<Compare>(action) || as<TakeTurn>(action));
        }
    });
    for (const auto seen : {Seen::failed, Seen::strange}) {
        EXPECT_EQ(plan(free_to_go(seen)), Action(Start{Purpose::resident}));
    }
    for (const auto seen : seens) {
        auto f = free_to_go(seen);
        f.watched = false;
        const auto next = seen == Seen::unknown ? Action(Look{}) : Action(Start{Purpose::resident});
        EXPECT_EQ(plan(f), next);
        f.can_ask = false;
        EXPECT_EQ(plan(f), Action(Start{Purpose::resident}));
    }
    EXPECT_EQ(plan(beside(Purpose::step, Seen::failed)), Action(Retire{}));
    auto resident = beside(Purpose::resident);
    resident.lock_check = later + 1s;
    EXPECT_EQ(plan(resident), Action(Wait{later + 1s, Reason::resident}));
}

} // namespace
} // namespace lvmpolld
