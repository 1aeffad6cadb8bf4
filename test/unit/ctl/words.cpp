// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/words.h"

#include "ctl/details.h"
#include "samples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

using namespace lvmpolld;
using namespace lvmpolld::ctl;
using namespace lvmpolld::test;

namespace {

std::string in_state(overview::State state) {
    auto entry = moving();
    entry.state = state;
    return state_text(entry);
}

std::string with_result(overview::Outcome result) {
    auto entry = moving();
    entry.result = std::move(result);
    return state_text(entry);
}

std::string verified(Verification verification) {
    auto entry = moving();
    entry.verification = verification;
    return details(entry, now, {});
}

} // namespace

TEST(Words, OfEachState) {
    using enum overview::State;
    EXPECT_EQ(in_state(accepted), "accepted");
    EXPECT_EQ(in_state(watching), "copying");
    EXPECT_EQ(in_state(verifying), "comparing the legs");
    EXPECT_EQ(in_state(stepping), "committing");
    EXPECT_EQ(in_state(fenced), "being aborted");
    EXPECT_EQ(in_state(resident), "copying");
    EXPECT_EQ(in_state(complete), "copied, has to be committed");
}

TEST(Words, OfAResidentLvpoll) {
    auto entry = moving();
    entry.state = overview::State::resident;
    entry.bytes_total.reset();
    EXPECT_EQ(state_text(entry), "polling");
    entry.store = overview::StoreKind::abort;
    EXPECT_EQ(state_text(entry), "aborting");
}

TEST(Words, OfEachEnd) {
    using enum overview::Ending;
    EXPECT_EQ(with_result({.ending = completed}), "done");
    EXPECT_EQ(with_result({.ending = failed, .exit_code = 5}), "failed: lvpoll exited with 5");
    EXPECT_EQ(with_result({.ending = failed, .reason = "the copy is bad"}),
              "failed, the copy is bad");
    EXPECT_EQ(with_result({.ending = killed, .signal = 9}), "failed: lvpoll was ended by signal 9");
    EXPECT_EQ(with_result({.ending = unknown}), "failed: lvpoll could not be followed to its end");
    EXPECT_EQ(with_result({.ending = gone}), "gone: done, aborted or deactivated");
    EXPECT_EQ(with_result({.ending = taken_over}), "taken over by lvmpolld");
}

TEST(Words, OfASuspectCopy) {
    auto entry = moving();
    entry.verification = Verification::suspect;
    EXPECT_EQ(state_text(entry), "copying, suspect");
}

TEST(Words, OfEachVerification) {
    EXPECT_THAT(verified(Verification::suspect),
                testing::HasSubstr("suspect: the legs are compared before it is committed"));
    EXPECT_THAT(verified(Verification::comparing),
                testing::HasSubstr("the legs are being compared"));
    EXPECT_THAT(verified(Verification::equal), testing::HasSubstr("the legs are equal"));
    EXPECT_THAT(verified(Verification::different),
                testing::HasSubstr("the legs differ, or one cannot be read"));
}
