// SPDX-License-Identifier: LGPL-2.1-or-later
#include "operation/store.h"

#include "base/limits.h"
#include "operation/claims.h"
#include "operation/operation.h"
#include "operation/record.h"
#include "operation/records_in_memory.h"
#include "operation/test_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace lvmpolld {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class StoreTest : public testing::Test {
protected:
    /// Accepts a request that must be taken.
    static Store::Accepted accept(Store& store, PollRequest request) {
        return std::get<Store::Accepted>(store.accept(std::move(request)));
    }

    Store::Accepted accept(PollRequest request) { return accept(store, std::move(request)); }

    /// An operation that has ended, and whose only client has gone.
    static std::shared_ptr<Operation> abandon(Store& store, const std::string& lvid) {
        auto operation = accept(store, poll_request(lvid)).operation;
        EXPECT_TRUE(store.finish(*operation, Exited{0}));
        operation->release_claims(0, 1);
        return operation;
    }

    static std::vector<std::string> identities(Store& store) {
        std::vector<std::string> result;
        for (const auto& operation : store.operations())
            result.push_back(operation->identity());
        return result;
    }

    Store store{Retention{}};
};

TEST_F(StoreTest, IsEmptyAtFirst) {
    EXPECT_THAT(store.operations(), IsEmpty());
    EXPECT_EQ(store.in_progress(), 0U);
    EXPECT_EQ(store.find("id"), nullptr);
}

TEST_F(StoreTest, AcceptStartsAnOperation) {
    const auto [operation, started] = accept(poll_request("id"));
    EXPECT_TRUE(started);
    EXPECT_EQ(operation->identity(), "id");
    EXPECT_EQ(&operation->store(), &store);
    EXPECT_EQ(store.find("id"), operation);
    EXPECT_EQ(store.in_progress(), 1U);
    const auto state = operation->snapshot();
    EXPECT_EQ(state.phase, Phase::accepted);
    EXPECT_EQ(state.init_requests, 1U);
    EXPECT_EQ(state.lvpoll, -1);
    EXPECT_FALSE(state.result);
    EXPECT_FALSE(state.progress);
}

TEST_F(StoreTest, ASecondRequestJoinsAndItsParametersAreIgnored) {
    const auto first = accept(poll_request("id", "15"));
    auto request = poll_request("id", "99");
    request.vgname = "other";
    request.handle_missing_pvs = true;
    const auto second = accept(std::move(request));
    EXPECT_FALSE(second.started);
    EXPECT_EQ(second.operation, first.operation);
    EXPECT_EQ(first.operation->snapshot().init_requests, 2U);
    EXPECT_EQ(first.operation->request().interval.text, "15");
    EXPECT_EQ(first.operation->request().vgname, "vg");
    EXPECT_FALSE(first.operation->request().handle_missing_pvs);
    EXPECT_EQ(store.in_progress(), 1U);
}

TEST_F(StoreTest, AnotherTypeIsRefusedWhileItIsInProgress) {
    const auto first = accept(poll_request("id"));
    auto request = poll_request("id");
    request.type = OperationType::convert;
    EXPECT_TRUE(std::holds_alternative<Store::DifferentOperation>(store.accept(request)));
    EXPECT_EQ(first.operation->snapshot().init_requests, 1U);

    EXPECT_TRUE(store.finish(*first.operation, Exited{0}));
    EXPECT_TRUE(accept(request).started) << "a finished one is in nobody's way";
}

TEST_F(StoreTest, AnotherSystemFolderMakesAnotherOperation) {
    const auto first = accept(poll_request("id"));
    auto request = poll_request("id");
    request.identity = Identity("id", "/etc/other");
    const auto second = accept(request);
    EXPECT_TRUE(second.started);
    EXPECT_NE(second.operation, first.operation);
    EXPECT_THAT(identities(store), ElementsAre("/etc/otherid", "id"));
    EXPECT_EQ(store.in_progress(), 2U);
}

TEST_F(StoreTest, ARequestForAFinishedOperationStartsAfresh) {
    const auto first = accept(poll_request("id", "15")).operation;
    ASSERT_TRUE(store.finish(*first, Exited{5}));
    const auto second = accept(poll_request("id", "30"));
    EXPECT_TRUE(second.started);
    EXPECT_NE(second.operation, first);
    EXPECT_EQ(store.find("id"), second.operation);
    EXPECT_EQ(second.operation->request().interval.text, "30");
    EXPECT_EQ(second.operation->snapshot().init_requests, 1U);
    EXPECT_FALSE(second.operation->snapshot().result);
    EXPECT_EQ(first->snapshot().result, Result(Exited{5})) << "for those who hold it";
    EXPECT_EQ(store.operations().size(), 1U);
    EXPECT_EQ(store.in_progress(), 1U);
}

TEST_F(StoreTest, FinishSetsTheResultForGood) {
    for (const Result& result :
         {Result(Exited{0}), Result(Exited{5}), Result(Killed{9}), Result(PollingFailed{})}) {
        const auto operation = accept(poll_request("id")).operation;
        EXPECT_TRUE(store.finish(*operation, result));
        EXPECT_EQ(operation->snapshot().result, result);
        EXPECT_EQ(operation->snapshot().phase, Phase::finished);
        EXPECT_EQ(store.in_progress(), 0U);
        EXPECT_EQ(store.find("id"), operation) << "until its result is collected";
    }
}

TEST_F(StoreTest, FinishRefusesIfARequestHasJoinedSince) {
    const auto operation = accept(poll_request("id")).operation;
    operation->begin_step();
    accept(poll_request("id"));
    EXPECT_FALSE(store.finish(*operation, Exited{0}));
    EXPECT_FALSE(operation->snapshot().result);
    EXPECT_EQ(store.in_progress(), 1U);

    operation->begin_step();
    EXPECT_TRUE(store.finish(*operation, Exited{0}));
}

TEST_F(StoreTest, ARequestThatJoinedBeforeTheStepIsCoveredByIt) {
    const auto operation = accept(poll_request("id")).operation;
    accept(poll_request("id"));
    operation->begin_step();
    EXPECT_TRUE(store.finish(*operation, Exited{0}));
}

TEST_F(StoreTest, ForgetRemovesTheOperationItIsGivenOnly) {
    const auto first = accept(poll_request("id")).operation;
    ASSERT_TRUE(store.finish(*first, Exited{0}));
    const auto second = accept(poll_request("id")).operation;
    first->give_up_claims(0, 1);
    store.forget(*first);
    EXPECT_EQ(store.find("id"), second);
    second->give_up_claims(0, 1);
    store.forget(*second);
    EXPECT_EQ(store.find("id"), nullptr);
}

TEST_F(StoreTest, ForgetSparesAResultThatWasNotSent) {
    const auto operation = accept(poll_request("id")).operation;
    accept(poll_request("id"));
    operation->begin_step();
    ASSERT_TRUE(store.finish(*operation, Exited{5}));
    EXPECT_FALSE(operation->read_with_claim().last);
    EXPECT_TRUE(operation->read_with_claim().last);
    operation->unanswered(0); // on another thread
    store.forget(*operation);
    EXPECT_EQ(store.find("id"), operation);
}

TEST_F(StoreTest, OperationsAreOrderedByIdentity) {
    for (const auto* lvid : {"b", "c", "a"})
        accept(poll_request(lvid));
    EXPECT_THAT(identities(store), ElementsAre("a", "b", "c"));
}

TEST_F(StoreTest, TakesNoMoreOperationsThanTheLimit) {
    std::shared_ptr<Operation> last;
    for (std::size_t i = 0; i < limits::operations; ++i)
        last = accept(poll_request(std::to_string(i))).operation;
    EXPECT_TRUE(std::holds_alternative<Store::TooMany>(store.accept(poll_request("one more"))));
    EXPECT_EQ(store.in_progress(), limits::operations);
    EXPECT_FALSE(accept(poll_request("0")).started) << "joining takes no room";

    ASSERT_TRUE(store.finish(*last, Exited{0}));
    EXPECT_TRUE(accept(last->request()).started) << "nor does starting afresh";
    last = store.find(last->identity());
    last->give_up_claims(0, 1);
    store.forget(*last);
    EXPECT_TRUE(accept(poll_request("one more")).started);
}

TEST_F(StoreTest, ResultsThatNobodyCanClaimGoByAge) {
    Store at_once(Retention{.age = std::chrono::seconds(0)});
    abandon(at_once, "id");
    EXPECT_THAT(identities(at_once), IsEmpty());

    abandon(store, "id");
    EXPECT_THAT(identities(store), ElementsAre("id")) << "not before an hour is over";
}

TEST_F(StoreTest, TheOldestResultsThatNobodyCanClaimGo) {
    Store few(Retention{.results = 2});
    for (const auto* lvid : {"d", "a", "c", "b"})
        abandon(few, lvid);
    EXPECT_THAT(identities(few), ElementsAre("b", "c"));
}

TEST_F(StoreTest, RetentionSparesWhatAnOpenConnectionWaitsFor) {
    Store strict(Retention{.age = std::chrono::seconds(0), .results = 0});
    const auto claimed = accept(strict, poll_request("claimed")).operation;
    ASSERT_TRUE(strict.finish(*claimed, Exited{0}));
    const auto running = accept(strict, poll_request("running")).operation;
    running->release_claims(0, 1);
    abandon(strict, "abandoned");
    EXPECT_THAT(identities(strict), ElementsAre("claimed", "running"));
    claimed->release_claims(0, 1);
    EXPECT_THAT(identities(strict), ElementsAre("running"));
}

TEST_F(StoreTest, RetentionWorksWithoutADump) {
    Store few(Retention{.results = 1});
    for (int i = 0; i < 10; ++i)
        abandon(few, std::to_string(i));
    int kept = 0;
    for (int i = 0; i < 10; ++i)
        kept += few.find(std::to_string(i)) ? 1 : 0;
    EXPECT_LE(kept, 2);
}

TEST(Operation, ShowsWhatItDoes) {
    Store store{Retention{}};
    Operation operation(store, poll_request());
    operation.set_phase(Phase::watching);
    operation.set_progress({.copied = 8, .total = 16});
    operation.set_lvpoll(4711);
    const auto state = operation.snapshot();
    EXPECT_EQ(state.phase, Phase::watching);
    EXPECT_EQ(state.progress, (Progress{8, 16}));
    EXPECT_EQ(state.lvpoll, 4711);
}

TEST(Phase, EachHasAName) {
    EXPECT_EQ(name(Phase::accepted), "accepted");
    EXPECT_EQ(name(Phase::watching), "watching");
    EXPECT_EQ(name(Phase::verifying), "verifying");
    EXPECT_EQ(name(Phase::stepping), "stepping");
    EXPECT_EQ(name(Phase::resident), "resident");
    EXPECT_EQ(name(Phase::fenced), "fenced");
    EXPECT_EQ(name(Phase::finished), "finished");
}

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

} // namespace
} // namespace lvmpolld
