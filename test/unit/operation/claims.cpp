// SPDX-License-Identifier: LGPL-2.1-or-later
#include "operation/claims_test.h"

#include <array>
#include <atomic>
#include <thread>

namespace lvmpolld {
namespace {

TEST_F(ClaimsTest, AKeptConnectionHearsThatALostOperationFailed) {
    Claims taken_up(1, true);
    EXPECT_EQ(read(taken_up), "failed");
}

TEST_F(ClaimsTest, NothingWasAskedForNothingIsFound) {
    EXPECT_EQ(read(*a), "not found");
}

TEST_F(ClaimsTest, WithoutAResultItIsInProgressForEverybody) {
    request(*a);
    EXPECT_EQ(read(*a), "in progress");
    EXPECT_EQ(read(*a), "in progress") << "which uses nothing";
    EXPECT_EQ(read(*b), "in progress");
}

TEST_F(ClaimsTest, OneRequestReadTwiceAnswersAsTheReference) {
    const auto operation = request(*a);
    store.finish(*operation, Exited{5});
    EXPECT_EQ(read(*a), "exited 5");
    EXPECT_EQ(read(*a), "not found");
    EXPECT_TRUE(store.operations().empty());
}

TEST_F(ClaimsTest, EveryKindOfResultIsHandedOver) {
    for (const auto& [result, text] : {std::pair<Result, std::string>(Exited{0}, "exited 0"),
                                       {Killed{9}, "killed 9"},
                                       {PollingFailed{}, "failed"}}) {
        store.finish(*request(*a), result);
        EXPECT_EQ(read(*a), text);
    }
}

TEST_F(ClaimsTest, TwoClientsThatWaitForOneFailureBothLearnOfIt) {
    const auto operation = request(*a);
    request(*b);
    store.finish(*operation, Exited{5});
    EXPECT_EQ(read(*a), "exited 5");
    EXPECT_EQ(read(*b), "exited 5");
    EXPECT_EQ(read(*a), "not found");
    EXPECT_EQ(read(*b), "not found");
}

TEST_F(ClaimsTest, TwoRequestsOfOneConnectionAreTwoClaims) {
    const auto operation = request(*a);
    request(*a);
    store.finish(*operation, Exited{5});
    EXPECT_EQ(read(*a), "exited 5");
    EXPECT_EQ(read(*a), "exited 5");
    EXPECT_EQ(read(*a), "not found");
}

TEST_F(ClaimsTest, AClaimThatIsTakenBackIsNobodys) {
    const auto operation = request(*a);
    request(*a);
    a->take_back(*operation);
    request(*b);
    b->take_back(*operation);
    b->take_back(*operation); // it has none
    store.finish(*operation, Exited{5});
    EXPECT_EQ(read(*a), "exited 5");
    EXPECT_EQ(read(*b), "not found");
}

TEST_F(ClaimsTest, AReaderWithoutAClaimUsesNothing) {
    const auto operation = request(*a);
    store.finish(*operation, Exited{5});
    EXPECT_EQ(read(*b), "exited 5");
    EXPECT_EQ(read(*b), "exited 5");
    EXPECT_EQ(read(*a), "exited 5");
    EXPECT_EQ(read(*b), "not found");
}

TEST_F(ClaimsTest, AClaimedResultOutlivesEveryRetention) {
    Store strict(Retention{.age = std::chrono::seconds(0), .results = 0});
    const auto operation = request(strict, *a, poll_request("id"));
    strict.finish(*operation, Exited{5});
    EXPECT_EQ(strict.operations().size(), 1U);
    EXPECT_EQ(read(strict, *a, "id"), "exited 5");
}

TEST_F(ClaimsTest, EveryOneOfManyThreadsLearnsTheResult) {
    constexpr int rounds = 20;
    constexpr int clients = 4;
    std::atomic<int> learnt = 0;
    for (int round = 0; round < rounds; ++round) {
        std::atomic<int> accepted = 0;
        std::atomic<bool> finished = false;
        std::array<std::thread, clients> threads;
        for (auto& thread : threads)
            thread = std::thread([&] {
                Claims claims;
                claims.add(std::get<Store::Accepted>(store.accept(poll_request())).operation);
                ++accepted;
                accepted.notify_one();
                auto answer = read(store, claims, "id"); // while the operation ends
                finished.wait(false);
                if (answer == "in progress")
                    answer = read(store, claims, "id");
                learnt += answer == "exited 5" ? 1 : 0;
            });
        for (auto seen = accepted.load(); seen < clients; seen = accepted.load())
            accepted.wait(seen);
        const auto operation = store.find("id");
        operation->begin_step();
        EXPECT_TRUE(store.finish(*operation, Exited{5}));
        finished = true;
        finished.notify_all();
        for (auto& thread : threads)
            thread.join();
        EXPECT_EQ(store.find("id"), nullptr);
    }
    EXPECT_EQ(learnt, rounds * clients);
}

} // namespace
} // namespace lvmpolld
