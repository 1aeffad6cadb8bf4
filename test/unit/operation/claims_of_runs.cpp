// SPDX-License-Identifier: LGPL-2.1-or-later
//
// One LV is asked for again, or aborted, while somebody has a claim on an earlier run.
#include "operation/claims_test.h"

namespace lvmpolld {
namespace {

using ClaimsOfRunsTest = ClaimsTest;

TEST_F(ClaimsOfRunsTest, AClaimOnAReplacedRunPassesOverAtTheClose) {
    const auto first = request(*a);
    ASSERT_TRUE(store.finish(*first, Exited{5}));
    const auto second = request(*b);
    a.reset();
    ASSERT_TRUE(store.finish(*second, Exited{3}));
    EXPECT_EQ(read(*b), "exited 3");
    EXPECT_EQ(read(*c), "exited 3") << "whose connection was the first one's";
    EXPECT_EQ(read(*c), "not found");
}

TEST_F(ClaimsOfRunsTest, AnUnsentAnswerIsAClaimOnTheLaterRun) {
    store.finish(*request(*a), Exited{5});
    EXPECT_EQ(text_of(a->read(store, "id")), "exited 5");
    const auto later = request(*b);
    a.reset();
    store.finish(*later, Exited{3});
    EXPECT_EQ(read(*b), "exited 3");
    EXPECT_EQ(read(*c), "exited 3") << "the claim that a has left";
    EXPECT_EQ(read(*c), "not found");
}

TEST_F(ClaimsOfRunsTest, ANewStartLeavesOthersTheirUnreadResult) {
    const auto first = request(*a);
    store.finish(*first, Exited{5});
    const auto second = request(*b);
    EXPECT_NE(first, second);
    EXPECT_EQ(read(*b), "in progress");
    EXPECT_EQ(read(*a), "exited 5") << "of its own request";
    EXPECT_EQ(read(*a), "in progress") << "what the store knows";
    store.finish(*second, Exited{0});
    EXPECT_EQ(read(*b), "exited 0");
    EXPECT_EQ(read(*b), "not found");
}

TEST_F(ClaimsOfRunsTest, ANewStartOfItsOwnGivesUpTheUnreadResult) {
    store.finish(*request(*a), Exited{5});
    const auto second = request(*a);
    EXPECT_EQ(read(*a), "in progress");
    store.finish(*second, Exited{0});
    EXPECT_EQ(read(*a), "exited 0");
    EXPECT_EQ(read(*a), "not found");
}

TEST_F(ClaimsOfRunsTest, AnEarlierRunsReaderDoesNotForgetTheLaterRun) {
    store.finish(*request(*a), Exited{5});
    const auto second = request(*b);
    store.finish(*second, Exited{0});
    EXPECT_EQ(read(*a), "exited 5");
    EXPECT_EQ(store.find("id"), second);
    EXPECT_EQ(read(*b), "exited 0");
}

TEST_F(ClaimsOfRunsTest, AnAbortAndAPollingOfOneLvAreClaimedApart) {
    Store aborts{Retention{}};
    const auto poll = request(*a);
    const auto abort = request(aborts, *a, abort_request("id"));
    aborts.finish(*abort, Exited{3});
    EXPECT_EQ(read(*a), "in progress");
    EXPECT_EQ(read(aborts, *a, "id"), "exited 3");
    EXPECT_EQ(read(aborts, *a, "id"), "not found");
    store.finish(*poll, Exited{0});
    EXPECT_EQ(read(*a), "exited 0");
}

TEST_F(ClaimsOfRunsTest, AStartKeepsTheOtherStoresUnreadResult) {
    Store aborts{Retention{}};
    store.finish(*request(*a), Exited{5});
    request(aborts, *a, abort_request("id"));
    EXPECT_EQ(read(*a), "exited 5");
}

TEST_F(ClaimsOfRunsTest, LvsAreClaimedApart) {
    const auto one = request(*a, "one");
    const auto two = request(*a, "two");
    store.finish(*two, Exited{2});
    EXPECT_EQ(read(*a, "one"), "in progress");
    EXPECT_EQ(read(*a, "two"), "exited 2");
    store.finish(*one, Exited{1});
    EXPECT_EQ(read(*a, "one"), "exited 1");
    EXPECT_TRUE(store.operations().empty());
}

} // namespace
} // namespace lvmpolld
