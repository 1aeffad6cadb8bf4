// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Clients close their connection, or do not get their answer, and leave a claim.
#include "operation/claims_test.h"

namespace lvmpolld {
namespace {

using ClaimsLeftTest = ClaimsTest;

TEST_F(ClaimsLeftTest, AnyReaderMayUseAClosedConnectionsClaim) {
    const auto operation = request(*a);
    a.reset();
    EXPECT_EQ(read(*b), "in progress");
    store.finish(*operation, Exited{5});
    EXPECT_EQ(read(*b), "exited 5");
    EXPECT_EQ(read(*c), "not found");
}

TEST_F(ClaimsLeftTest, ACloseAfterTheEndLeavesTheClaimToOthers) {
    const auto operation = request(*a);
    store.finish(*operation, Exited{5});
    a.reset();
    EXPECT_EQ(read(*b), "exited 5");
    EXPECT_EQ(read(*b), "not found");
}

TEST_F(ClaimsLeftTest, AReaderWithAClaimUsesItsOwn) {
    const auto operation = request(*a);
    request(*b);
    a.reset();
    store.finish(*operation, Exited{5});
    EXPECT_EQ(read(*b), "exited 5");
    EXPECT_EQ(read(*c), "exited 5") << "the claim that a has left";
    EXPECT_EQ(read(*c), "not found");
}

TEST_F(ClaimsLeftTest, AReaderWithoutAClaimLeavesTheOwnersAlone) {
    const auto operation = request(*a);
    request(*b);
    a.reset();
    store.finish(*operation, Exited{5});
    EXPECT_EQ(read(*c), "exited 5");
    EXPECT_EQ(read(*c), "exited 5");
    EXPECT_EQ(read(*b), "exited 5");
    EXPECT_EQ(read(*c), "not found");
}

TEST_F(ClaimsLeftTest, AnAnswerThatIsNotSentUsesUpNothing) {
    store.finish(*request(*a), Exited{5});
    EXPECT_EQ(text_of(a->read(store, "id")), "exited 5");
    EXPECT_EQ(read(*b), "not found") << "the answer is on its way to a";
    a.reset();
    EXPECT_EQ(read(*b), "exited 5");
    EXPECT_EQ(read(*b), "not found");
}

TEST_F(ClaimsLeftTest, AnAnswerThatIsNotSentLeavesOthersTheirClaims) {
    const auto operation = request(*a);
    request(*b);
    store.finish(*operation, Exited{5});
    EXPECT_EQ(text_of(a->read(store, "id")), "exited 5");
    a.reset();
    EXPECT_EQ(read(*b), "exited 5");
    EXPECT_EQ(read(*c), "exited 5") << "the claim that a has left";
    EXPECT_EQ(read(*c), "not found");
}

TEST_F(ClaimsLeftTest, AFreeClaimComesBackFromAnUnansweredReader) {
    store.finish(*request(*a), Exited{5});
    a.reset();
    EXPECT_EQ(text_of(b->read(store, "id")), "exited 5");
    b.reset();
    EXPECT_EQ(read(*c), "exited 5");
    EXPECT_EQ(read(*c), "not found");
}

TEST_F(ClaimsLeftTest, AMereReaderThatIsNotAnsweredLeavesNoClaim) {
    store.finish(*request(*a), Exited{5});
    EXPECT_EQ(text_of(b->read(store, "id")), "exited 5");
    b.reset();
    EXPECT_EQ(read(*a), "exited 5");
    EXPECT_EQ(read(*c), "not found");
}

} // namespace
} // namespace lvmpolld
