// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Holds the rules of the engine (docs/engine.md, "The rules") over every combination of facts
// that matters. A test of a rule is called RuleN...
#include "engine/facts.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;
using Child = Facts::Child;
using Comparing = Facts::Comparing;
using Ending = Facts::Ending;
using How = Finish::How;
using Turn = Facts::Turn;

constexpr Facts::TimePoint now{1h};
constexpr auto past = now - 1s;
constexpr auto later = now + 1s;

constexpr std::array seens{Seen::unknown, Seen::failed, Seen::nothing, Seen::strange,
                           Seen::copying, Seen::stuck,  Seen::complete};
constexpr std::array verdicts{Verdict::commit, Verdict::compare, Verdict::refuse};
constexpr std::array purposes{Purpose::step, Purpose::decide, Purpose::resident};
constexpr std::array both{false, true};

/// Each combination of what any operation has.
template <typename Visit>
void for_each_common(Visit visit) {
    Facts f;
    f.now = now;
    f.look_at = later;
    for (const bool stopping : both) {
        for (const int fence : {0, 1, 2}) {
            for (const int kernel : {0, 1, 2}) {
                for (const auto seen : seens) {
                    for (const bool same : both) {
                        f.stopping = stopping;
                        f.fenced = fence > 0;
                        f.fence_end = fence == 2 ? past : Facts::never;
                        f.can_ask = kernel > 0;
                        f.watched = kernel > 1;
                        f.seen = seen;
                        f.same = same;
                        visit(f);
                    }
                }
            }
        }
    }
}

template <typename Visit>
void for_each_child(Visit visit) {
    for_each_common([&](Facts f) {
        for (const auto child : {Child::running, Child::retired, Child::ended}) {
            for (const auto purpose : purposes) {
                for (const int bits : {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}) {
                    for (const auto verdict : verdicts) {
                        f.child = child;
                        f.purpose = purpose;
                        f.survivor = (bits & 1) != 0;
                        f.misdirected = (bits & 2) != 0;
                        f.slot_end = (bits & 4) != 0 ? past : later;
                        f.lock_check = (bits & 8) != 0 ? past : later;
                        f.verdict = verdict;
                        visit(f);
                    }
                }
            }
        }
    });
}

template <typename Visit>
void for_each_comparison(Visit visit) {
    for_each_common([&](Facts f) {
        for (const auto comparing : {Comparing::running, Comparing::cancelled, Comparing::useless,
                                     Comparing::equal, Comparing::bad}) {
            f.comparing = comparing;
            visit(f);
        }
    });
}

template <typename Visit>
void for_each_ending(Visit visit) {
    for_each_common([&](Facts f) {
        for (const auto ending : {Ending::success, Ending::other}) {
            for (const bool joined : both) {
                for (const auto give_up : {past, later, Facts::never}) {
                    f.ending = ending;
                    f.joined = joined;
                    f.give_up = give_up;
                    visit(f);
                }
            }
        }
    });
}

template <typename Visit>
void for_each_free(Visit visit) {
    for_each_common([&](Facts f) {
        for (const auto next_start : {past, later}) {
            for (const auto promised : {past, later}) {
                for (const bool name_taken : both) {
                    for (const auto verdict : verdicts) {
                        for (const auto compare : {Turn::none, Turn::waiting}) {
                            for (const auto step : {Turn::none, Turn::waiting, Turn::held}) {
                                f.next_start = next_start;
                                f.promised = promised;
                                f.name_taken = name_taken;
                                f.verdict = verdict;
                                f.turn_to_compare = compare;
                                f.turn_to_step = step;
                                visit(f);
                            }
                        }
                    }
                }
            }
        }
    });
}

template <typename Visit>
void for_each(Visit visit) {
    for_each_child(visit);
    for_each_comparison(visit);
    for_each_ending(visit);
    for_each_free(visit);
}

bool must_be_quiet(const Facts& f) {
    return f.stopping || (f.fenced && f.fence_end > now);
}

bool is_copy(const Facts& f) {
    return f.seen == Seen::copying || f.seen == Seen::stuck || f.seen == Seen::complete;
}

bool denies(const Facts& f) {
    return f.ending == Ending::success && is_copy(f) && f.same;
}

template <typename A>
const A* as(const Action& action) {
    return std::get_if<A>(&action);
}

bool starts(const Action& action, Purpose purpose) {
    return action == Action(Start{purpose});
}

bool waits(const Action& action, Reason why) {
    const auto* wait = as<Wait>(action);
    return wait != nullptr && wait->why == why;
}

/// An operation with nothing in its way that sees this.
Facts free_to_go(Seen seen) {
    Facts f;
    f.now = now;
    f.look_at = later;
    f.can_ask = true;
    f.watched = true;
    f.seen = seen;
    f.turn_to_step = Turn::held;
    return f;
}

Facts beside(Purpose purpose, Seen seen = Seen::nothing) {
    Facts f = free_to_go(seen);
    f.child = Child::running;
    f.purpose = purpose;
    return f;
}

TEST(Plan, Rule1SuccessNeedsALookThatAgrees) {
    for_each_ending([](const Facts& f) {
        if (f.joined || f.ending != Ending::success) {
            return;
        }
        const auto action = plan(f);
        const bool believes = action == Action(Finish{How::as_lvpoll_says});
        ASSERT_EQ(believes, !denies(f) && !(f.seen == Seen::unknown && f.can_ask));
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

TEST(Plan, Rule2LvpollIsRetiredAtTheNextSegment) {
    for_each_child([](const Facts& f) {
        const auto action = plan(f);
        const auto* retire = as<Retire>(action);
        if (retire == nullptr || !retire->advanced) {
            return;
        }
        ASSERT_NE(f.purpose, Purpose::resident);
        ASSERT_TRUE(is_copy(f));
        ASSERT_TRUE(f.purpose == Purpose::decide || !f.same);
    });
    for (const auto seen : {Seen::copying, Seen::stuck, Seen::complete}) {
        auto f = beside(Purpose::step, seen);
        EXPECT_EQ(plan(f), Action(Retire{true}));
        f.same = true;
        EXPECT_EQ(plan(f), Action(Wait{later, Reason::stepping}));
        for (const bool same : both) {
            auto deciding = beside(Purpose::decide, seen);
            deciding.same = same;
            EXPECT_EQ(plan(deciding), Action(Retire{true}));
        }
    }
    EXPECT_EQ(plan(beside(Purpose::step, Seen::unknown)), Action(Look{}));
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

TEST(Plan, Rule7NoLvpollGetsACopyThatMayNotBeCommitted) {
    for_each_free([](const Facts& f) {
        const auto action = plan(f);
        const auto* start = as<Start>(action);
        if (start != nullptr && start->purpose != Purpose::decide) {
            ASSERT_EQ(f.verdict, Verdict::commit);
        }
    });
    for_each_child([](const Facts& f) {
        const auto action = plan(f);
        const bool stays = f.survivor && f.child == Child::running && as<Wait>(action) != nullptr;
        if (stays) {
            ASSERT_TRUE(f.verdict == Verdict::commit && !f.watched);
        }
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
    }
}

TEST(Plan, Rule10NothingRunsForANameThatIsAnothers) {
    for_each_free([](const Facts& f) {
        const auto action = plan(f);
        if (f.name_taken) {
            ASSERT_EQ(as<Start>(action), nullptr);
        }
        if (action == Action(Finish{How::name_is_anothers})) {
            ASSERT_TRUE(f.name_taken && !is_copy(f));
        }
        if (waits(action, Reason::name)) {
            ASSERT_TRUE(f.name_taken && is_copy(f));
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
    auto late = beside(Purpose::step);
    late.slot_end = now;
    EXPECT_EQ(plan(late), Action(GiveTurn{}));
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
    EXPECT_TRUE(waits(plan(beside(Purpose::resident)), Reason::resident));
}

TEST(Plan, Rule13WhoeverWaitsHasADeadlineOrAnEvent) {
    for_each([](const Facts& f) {
        const auto action = plan(f);
        const auto* wait = as<Wait>(action);
        if (wait == nullptr) {
            return;
        }
        ASSERT_GT(wait->until, now) << "a wait that is over keeps the loop busy";
        const bool event = wait->why == Reason::lvpoll_end || wait->why == Reason::resident ||
                           wait->why == Reason::fenced || wait->why == Reason::comparison_end;
        ASSERT_TRUE(event || wait->until != Facts::never);
    });
}

TEST(Plan, Rule13AStepWaitsForWhateverComesFirst) {
    for (auto first : {&Facts::look_at, &Facts::slot_end, &Facts::lock_check}) {
        auto f = beside(Purpose::step);
        f.look_at = f.slot_end = f.lock_check = later + 1s;
        f.*first = later;
        EXPECT_EQ(plan(f), Action(Wait{later, Reason::stepping}));
    }
}

TEST(Plan, Rule13EachWaitIsNamedForWhatItIs) {
    EXPECT_EQ(plan(free_to_go(Seen::copying)), Action(Wait{later, Reason::copying}));
    EXPECT_EQ(plan(free_to_go(Seen::stuck)), Action(Wait{later, Reason::leg_failed}));
    auto f = free_to_go(Seen::unknown);
    EXPECT_EQ(plan(f), Action(Look{}));
    f.promised = later;
    EXPECT_EQ(plan(f), Action(Wait{later, Reason::promised}));
    f.next_start = later;
    EXPECT_EQ(plan(f), Action(Wait{later, Reason::next_start}));
    for (const auto purpose : purposes) {
        auto slow = beside(purpose);
        slow.lock_check = now;
        EXPECT_EQ(plan(slow), Action(CheckLock{}));
    }
}

TEST(Plan, EveryActionLeadsOn) {
    for_each([](const Facts& f) {
        const auto action = plan(f);
        const bool running = f.child == Child::running;
        ASSERT_TRUE(!as<Look>(action) || f.seen == Seen::unknown);
        ASSERT_TRUE(!as<TakeTurn>(action) || f.turn_to_step == Turn::none);
        ASSERT_TRUE(!as<GiveTurn>(action) || f.slot_end <= now);
        ASSERT_TRUE(!as<CheckLock>(action) || f.lock_check <= now);
        ASSERT_TRUE(!as<Retire>(action) || running);
        ASSERT_TRUE(!as<Cancel>(action) || f.comparing == Comparing::running);
        ASSERT_TRUE(!as<Start>(action) || f.child == Child::none);
    });
}

TEST(Plan, EveryRuleHasATest) {
    constexpr int rules = 13;
    const auto& suite = *testing::UnitTest::GetInstance()->current_test_suite();
    for (int rule = 1; rule <= rules; ++rule) {
        bool found = false;
        for (int test = 0; test < suite.total_test_count(); ++test) {
            const std::string name = suite.GetTestInfo(test)->name();
            const auto prefix = "Rule" + std::to_string(rule);
            found = found || (name.starts_with(prefix) &&
                              name.find_first_of("0123456789", prefix.size()) != prefix.size());
        }
        EXPECT_TRUE(found) << "rule " << rule;
    }
}

} // namespace
} // namespace lvmpolld
