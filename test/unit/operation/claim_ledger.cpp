// SPDX-License-Identifier: LGPL-2.1-or-later
#include "operation/claim_ledger.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace lvmpolld {
namespace {

/// "1:2 7:1 +3": what a record would say; "(…)" when nobody has a claim but somebody is being
/// answered.
std::string text_of(const ClaimLedger& ledger) {
    std::string text;
    const auto recorded = ledger.recorded();
    for (const auto& [session, count] : recorded.held())
        text += std::to_string(session) + ":" + std::to_string(count) + " ";
    text += "+" + std::to_string(recorded.free());
    return ledger.is_unclaimed() && !ledger.is_empty() ? "(" + text + ")" : text;
}

struct Step {
    const char* what;
    std::function<void(ClaimLedger&)> action;
    const char* after;
};

constexpr auto anybody = ClaimLedger::anybody;

const auto hold = [](SessionNumber session) {
    return [=](ClaimLedger& ledger) { ledger.hold(session); };
};
const auto use = [](SessionNumber session) {
    return [=](ClaimLedger& ledger) { ledger.use(session); };
};
const auto answered = [](SessionNumber session) {
    return [=](ClaimLedger& ledger) { ledger.answered(session); };
};
const auto unanswered = [](SessionNumber session) {
    return [=](ClaimLedger& ledger) { ledger.free_answer(session); };
};
const auto release = [](SessionNumber session, unsigned count) {
    return [=](ClaimLedger& ledger) { ledger.release(session, count); };
};
const auto give_up = [](SessionNumber session, unsigned count) {
    return [=](ClaimLedger& ledger) { ledger.give_up(session, count); };
};
const auto use_free = [](bool noted) {
    return [=](ClaimLedger& ledger) { EXPECT_EQ(ledger.use_free(), noted); };
};

void play(const std::vector<Step>& steps) {
    ClaimLedger ledger;
    EXPECT_TRUE(ledger.is_empty());
    for (const auto& [what, action, after] : steps) {
        action(ledger);
        EXPECT_EQ(text_of(ledger), after) << what;
    }
}

TEST(ClaimLedger, AHeldClaimIsUsedAndAnswered) {
    play({{"a request", hold(7), "7:1 +0"},
          {"another", hold(7), "7:2 +0"},
          {"a reading", use(7), "7:2 +0"},
          {"its answer", answered(7), "7:1 +0"},
          {"the second reading", use(7), "(7:1 +0)"},
          {"its answer", answered(7), "+0"}});
}

TEST(ClaimLedger, AnAnswerThatIsNotSentIsAFreeClaim) {
    play({{"a request", hold(7), "7:1 +0"},
          {"a reading", use(7), "(7:1 +0)"},
          {"not sent", unanswered(7), "+1"},
          {"a reading by anybody", use_free(true), "(+1)"},
          {"not sent", unanswered(anybody), "+1"},
          {"another", use_free(true), "(+1)"},
          {"its answer", answered(anybody), "+0"}});
}

TEST(ClaimLedger, AClosedConnectionsClaimsAreFree) {
    play({{"two requests", hold(7), "7:1 +0"},
          {"", hold(8), "7:1 8:1 +0"},
          {"a reader without one", use_free(false), "7:1 8:1 +0"},
          {"a closed connection", release(7, 1), "8:1 +1"},
          {"a reader without one", use_free(true), "8:1 +1"},
          {"another", use_free(false), "8:1 +1"},
          {"the answer", answered(anybody), "8:1 +0"}});
}

TEST(ClaimLedger, WhatIsGivenUpIsGone) {
    play({{"three requests", hold(7), "7:1 +0"},
          {"", hold(7), "7:2 +0"},
          {"", hold(8), "7:2 8:1 +0"},
          {"given up", give_up(7, 2), "8:1 +0"},
          {"given up", give_up(8, 1), "+0"}});
}

TEST(ClaimLedger, AReaderOfWhatNobodyClaimsIsAnswered) {
    play({{"a reading", use_free(true), "(+1)"}, {"its answer", answered(anybody), "+0"}});
}

TEST(ClaimLedger, HandsAllOnToAnother) {
    ClaimLedger from({{7, 2}, {8, 1}}, 3);
    ClaimLedger to({{8, 1}}, 1);
    to.add_free(from.take_free());
    for (const auto& [session, count] : from.take_held())
        to.hold(session, count);
    EXPECT_TRUE(from.is_empty());
    EXPECT_EQ(text_of(to), "8:2 7:2 +4");
}

/// Whatever happens in whatever order, no claim is lost, and none is made.
TEST(ClaimLedger, KeepsTheNumberOfClaims) {
    constexpr std::array<SessionNumber, 2> sessions{7, 8};
    constexpr unsigned longest = 7;
    unsigned sequences = 0;
    const auto total = [](const ClaimLedger& ledger) {
        const auto recorded = ledger.recorded();
        unsigned sum = recorded.free();
        for (const auto& held : recorded.held())
            sum += held.count;
        return sum;
    };
    const auto holds = [](const ClaimLedger& ledger, SessionNumber session) {
        for (const auto& held : ledger.held())
            if (held.session == session)
                return true;
        return false;
    };
    /// `being_answered`: sessions, 0 for anybody.
    const std::function<void(const ClaimLedger&, std::vector<SessionNumber>, unsigned, unsigned)>
        explore = [&](const ClaimLedger& ledger, const std::vector<SessionNumber>& being_answered,
                      unsigned expected, unsigned depth) {
            ASSERT_EQ(total(ledger), expected);
            ++sequences;
            if (depth == longest)
                return;
            const auto next = [&](auto action, std::vector<SessionNumber> answering,
                                  unsigned claims) {
                auto after = ledger;
                action(after);
                explore(after, std::move(answering), claims, depth + 1);
            };
            for (const auto session : sessions) {
                next(hold(session), being_answered, expected + 1);
                if (!holds(ledger, session))
                    continue;
                auto answering = being_answered;
                answering.push_back(session);
                next(use(session), answering, expected);
                next(release(session, 1), being_answered, expected);
                next(give_up(session, 1), being_answered, expected - 1);
            }
            if (ledger.free() > 0) {
                auto answering = being_answered;
                answering.push_back(anybody);
                next(use_free(true), answering, expected);
            }
            if (!being_answered.empty()) {
                auto answering = being_answered;
                const auto session = answering.back();
                answering.pop_back();
                next(answered(session), answering, expected - 1);
                next(unanswered(session), answering, expected);
            }
        };
    explore({}, {}, 0, 0);
    EXPECT_GT(sequences, 10'000U);
}

} // namespace
} // namespace lvmpolld
