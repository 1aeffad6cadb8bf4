// SPDX-License-Identifier: LGPL-2.1-or-later
#include "operation/store.h"

#include "base/limits.h"
#include "operation/operation.h"
#include "operation/test_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
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

} // namespace
} // namespace lvmpolld
