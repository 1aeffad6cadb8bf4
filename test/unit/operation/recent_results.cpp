// SPDX-License-Identifier: LGPL-2.1-or-later
#include "operation/recent_results.h"

#include "operation/operation.h"
#include "operation/store.h"
#include "operation/test_request.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace lvmpolld {

namespace {

class RecentResultsTest : public ::testing::Test {
protected:
    /// An operation that begins, ends with this, and is read by its client.
    void live(const std::string& lvid, const Result& result, PollRequest request) {
        request.identity = Identity(lvid);
        const auto outcome = store.accept(std::move(request), 0);
        const auto operation = std::get<Store::Accepted>(outcome).operation;
        store.finish(*operation, result);
        operation->read_with_claim(0);
        store.forget(*operation);
    }

    std::vector<std::string> added_after(std::uint64_t after) {
        std::vector<std::string> lvids;
        for (const auto& operation : recent.added_after(after).operations)
            lvids.emplace_back(operation->request().identity.lvid());
        return lvids;
    }

    using Texts = std::vector<std::string>;
    std::shared_ptr<Statistics> statistics = std::make_shared<Statistics>();
    RecentResults recent{2, statistics};
    Store store{Retention{}, nullptr, &recent};
};

} // namespace

TEST_F(RecentResultsTest, KeepsWhatTheStoreForgets) {
    live("a", Exited{0}, poll_request());
    EXPECT_EQ(store.find("a"), nullptr);
    EXPECT_EQ(added_after(0), Texts{"a"});
    EXPECT_EQ(recent.added_after(0).operations.front()->snapshot().result, Result(Exited{0}));
}

TEST_F(RecentResultsTest, KeepsTheLastOnes) {
    for (const auto* lvid : {"a", "b", "c"})
        live(lvid, Exited{0}, poll_request());
    EXPECT_EQ(added_after(0), (Texts{"b", "c"}));
    EXPECT_EQ(added_after(2), Texts{"c"});
    EXPECT_EQ(added_after(3), Texts{});
    EXPECT_EQ(recent.added_after(0).count, 3U);
}

TEST_F(RecentResultsTest, CountsByTypeAndResult) {
    live("a", Exited{0}, poll_request());
    live("b", Exited{5}, poll_request());
    live("c", Killed{9}, abort_request());
    live("d", PollingFailed{}, abort_request());
    const auto& moves = statistics->ended[0];
    const auto& aborts = statistics->ended[Statistics::abort];
    EXPECT_EQ(moves.completed.value(), 1U);
    EXPECT_EQ(moves.failed.value(), 1U);
    EXPECT_EQ(aborts.killed.value(), 1U);
    EXPECT_EQ(aborts.unknown.value(), 1U);
}

} // namespace lvmpolld
