// SPDX-License-Identifier: LGPL-2.1-or-later
#include "operation/claims.h"
#include "operation/operation.h"
#include "operation/record.h"
#include "operation/records_in_memory.h"
#include "operation/store.h"
#include "operation/test_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <vector>

namespace lvmpolld {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Keeps the records as the state directory does, in memory.
class RecordedStoreTest : public testing::Test {
protected:
    std::shared_ptr<Operation> accept(SessionNumber session = 7) {
        return std::get<Store::Accepted>(store.accept(poll_request("id"), session)).operation;
    }

    RecordsInMemory records;
    Store store{Retention{}, &records};
};

TEST_F(RecordedStoreTest, AnAcceptedOperationIsRecordedWithItsClaim) {
    accept();
    ASSERT_EQ(records.kept.size(), 1U);
    EXPECT_EQ(records.kept.at(1).request.identity.lvid(), "id");
    EXPECT_THAT(records.kept.at(1).held_claims, ElementsAre(HeldClaims{7, 1}));
}

TEST_F(RecordedStoreTest, AJoinedOneIsRecordedWithBothClaims) {
    accept(7);
    accept(8);
    accept(8);
    EXPECT_THAT(records.kept.at(1).held_claims, ElementsAre(HeldClaims{7, 1}, HeldClaims{8, 2}));
}

TEST_F(RecordedStoreTest, TheResultIsRecorded) {
    const auto operation = accept();
    EXPECT_TRUE(store.finish(*operation, Exited{5}));
    EXPECT_EQ(records.kept.at(1).result, Result(Exited{5}));
}

TEST_F(RecordedStoreTest, TheRecordGoesAfterTheLastClaimWasAnswered) {
    Claims claims(7);
    const auto operation = accept();
    claims.add(operation);
    EXPECT_TRUE(store.finish(*operation, Exited{5}));
    EXPECT_EQ(std::get<Result>(claims.read(store, "id")), Result(Exited{5}));
    EXPECT_EQ(records.kept.size(), 1U) << "the answer may still be lost";
    claims.answered();
    EXPECT_TRUE(records.kept.empty());
}

TEST_F(RecordedStoreTest, AnUnsentAnswerIsRecordedAsAFreeClaim) {
    {
        Claims claims(7);
        claims.add(accept(7));
        EXPECT_TRUE(store.finish(*store.find("id"), Exited{5}));
        EXPECT_EQ(std::get<Result>(claims.read(store, "id")), Result(Exited{5}));
    }
    EXPECT_THAT(records.kept.at(1).held_claims, IsEmpty());
    EXPECT_EQ(records.kept.at(1).free_claims, 1U);
}

TEST_F(RecordedStoreTest, AClosedConnectionsClaimIsRecordedAsAnybodys) {
    {
        Claims claims(7);
        claims.add(accept());
    }
    EXPECT_THAT(records.kept.at(1).held_claims, IsEmpty());
    EXPECT_EQ(records.kept.at(1).free_claims, 1U);
}

TEST_F(RecordedStoreTest, AReplacedResultStaysRecordedForItsClaim) {
    auto claims = std::make_unique<Claims>(7);
    claims->add(accept(7));
    EXPECT_TRUE(store.finish(*store.find("id"), Exited{5}));
    accept(8);
    EXPECT_EQ(records.kept.size(), 2U);
    claims.reset();
    EXPECT_EQ(records.kept.size(), 1U);
    EXPECT_TRUE(records.kept.contains(2));
}

TEST_F(RecordedStoreTest, WhoLostItsConnectionHasItsClaimOnTheLaterRun) {
    Claims(7).add(accept(7));
    EXPECT_TRUE(store.finish(*store.find("id"), Exited{5}));
    Claims claims(8);
    claims.add(accept(8));
    EXPECT_TRUE(store.finish(*store.find("id"), Exited{3}));
    EXPECT_EQ(std::get<Result>(claims.read(store, "id")), Result(Exited{3}));
    claims.answered();
    Claims another(9);
    EXPECT_EQ(std::get<Result>(another.read(store, "id")), Result(Exited{3}));
    EXPECT_EQ(store.find("id"), nullptr);
}

TEST_F(RecordedStoreTest, WhatIsRestoredIsAsItWasButCountsNoRequests) {
    Record record{.number = 5, .request = poll_request("id")};
    record.held_claims = {{7, 1}};
    const auto operation = store.restore(record);
    EXPECT_EQ(store.find("id"), operation);
    EXPECT_EQ(store.in_progress(), 1U);
    EXPECT_EQ(operation->snapshot().init_requests, 0U);
    EXPECT_EQ(accept(), operation);
    EXPECT_EQ(operation->snapshot().init_requests, 1U);
    EXPECT_EQ(operation->record_number(), 5U);
}

TEST_F(RecordedStoreTest, ARestoredResultIsThereForWhoeverHadAClaim) {
    Record record{.number = 5, .request = poll_request("id")};
    record.held_claims = {{7, 1}};
    record.result = Killed{9};
    record.finished_at = std::chrono::steady_clock::now();
    const auto operation = store.restore(record);
    EXPECT_EQ(store.in_progress(), 0U);
    Claims claims(7);
    claims.restore(operation, 1);
    EXPECT_EQ(std::get<Result>(claims.read(store, "id")), Result(Killed{9}));
    claims.answered();
    EXPECT_EQ(store.find("id"), nullptr);
}

TEST_F(RecordedStoreTest, ATimeToComeCountsAsNow) {
    using namespace std::chrono_literals;
    Record record{.number = 5, .request = poll_request("id", "+15")};
    record.result = Exited{5};
    record.finished_at = std::chrono::steady_clock::now() + 24h;
    record.accepted_at = boot_time() + 24h;
    const auto operation = store.restore(record);
    EXPECT_LE(operation->remaining_delay(), 15s);
    EXPECT_LE(operation->history().finished_at, std::chrono::steady_clock::now());
}

TEST_F(RecordedStoreTest, OfTwoRecordsOfOneLvTheLaterCounts) {
    Record record{.number = 5, .request = poll_request("id")};
    record.held_claims = {{7, 1}};
    record.result = Exited{5};
    store.restore(record);
    const auto later = store.restore({.number = 6, .request = poll_request("id")});
    EXPECT_EQ(store.find("id"), later);
    EXPECT_EQ(store.in_progress(), 1U);
    EXPECT_TRUE(records.kept.contains(5)) << "its connection may come back";
}

TEST_F(RecordedStoreTest, AnUnfinishedRecordsClaimsGoToTheLaterOne) {
    Record record{.number = 5, .request = poll_request("id")};
    record.held_claims = {{7, 1}};
    record.free_claims = 1;
    store.restore(record);
    const auto later = store.restore({.number = 6, .request = poll_request("id")});
    EXPECT_EQ(later->held_claims(), (std::vector<HeldClaims>{{7, 1}}));
    EXPECT_EQ(store.in_progress(), 1U);
    EXPECT_FALSE(records.kept.contains(5));
    EXPECT_EQ(records.kept.at(6).free_claims, 1U);
}

TEST_F(RecordedStoreTest, NumbersAreNeverUsedAgain) {
    store.restore({.number = 5, .request = poll_request("other")});
    EXPECT_EQ(accept()->record_number(), 6U);
}

TEST_F(RecordedStoreTest, AResultIsToldOnceItIsWritten) {
    Claims claims(7);
    const auto operation = accept();
    claims.add(operation);
    records.unwritten = 1;
    EXPECT_TRUE(store.finish(*operation, Exited{5}));
    EXPECT_TRUE(std::holds_alternative<Claims::InProgress>(claims.read(store, "id")));
    EXPECT_TRUE(std::holds_alternative<Claims::InProgress>(Claims(8).read(store, "id")));
    EXPECT_FALSE(operation->snapshot().result);
    records.unwritten = 0;
    EXPECT_EQ(operation->snapshot().result, Result(Exited{5}));
    EXPECT_EQ(std::get<Result>(claims.read(store, "id")), Result(Exited{5}));
}

TEST_F(RecordedStoreTest, NobodyJoinsWhatIsDecidedButNotWritten) {
    const auto operation = accept();
    records.unwritten = 1;
    EXPECT_TRUE(store.finish(*operation, Exited{5}));
    const auto next = accept();
    EXPECT_NE(next, operation);
    EXPECT_EQ(store.in_progress(), 1U);
}

TEST_F(RecordedStoreTest, AJoinersRecordIsItsOwn) {
    const auto operation = accept(7);
    const auto first = operation->last_ticket();
    EXPECT_EQ(accept(8), operation);
    EXPECT_GT(operation->last_ticket(), first);
}

/// The claim of a connection that closes last, when the later run is forgotten already.
TEST_F(RecordedStoreTest, AClaimOutlivesTheLaterRun) {
    auto first = std::make_unique<Claims>(7);
    first->add(accept(7));
    EXPECT_TRUE(store.finish(*store.find("id"), Exited{5}));
    {
        Claims second(8);
        second.add(accept(8));
        EXPECT_TRUE(store.finish(*store.find("id"), Exited{3}));
        EXPECT_EQ(std::get<Result>(second.read(store, "id")), Result(Exited{3}));
        second.answered();
    }
    EXPECT_EQ(store.find("id"), nullptr);
    first.reset();
    EXPECT_EQ(records.kept.at(1).free_claims, 1U);
    Claims another(9);
    EXPECT_EQ(std::get<Result>(another.read(store, "id")), Result(Exited{5}));
    another.answered();
    EXPECT_TRUE(records.kept.empty());
}

TEST(Store, NoNumberOfALostRecordComesBack) {
    RecordsInMemory records;
    Store store(Retention{}, &records);
    const auto accept = [&](const std::string& lvid) {
        return std::get<Store::Accepted>(store.accept(poll_request(lvid))).operation;
    };
    store.number_beyond(41);
    store.restore({.number = 7, .request = poll_request("old")});
    EXPECT_EQ(accept("new")->record_number(), 42U);
    store.restore({.number = 50, .request = poll_request("older")});
    store.number_beyond(41);
    EXPECT_EQ(accept("newest")->record_number(), 51U);
}

} // namespace
} // namespace lvmpolld
