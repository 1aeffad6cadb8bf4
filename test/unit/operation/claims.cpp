// SPDX-License-Identifier: LGPL-2.1-or-later
#include "operation/claims.h"

#include "operation/test_request.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <thread>

namespace lvmpolld {
namespace {

/// A result for EXPECT_EQ; nothing stands for an operation in progress, "not found" for none.
std::string text_of(const Claims::Answer& answer) {
    if (std::holds_alternative<Claims::NotFound>(answer))
        return "not found";
    if (std::holds_alternative<Claims::InProgress>(answer))
        return "in progress";
    const auto& result = std::get<Result>(answer);
    if (const auto* exited = std::get_if<Exited>(&result))
        return "exited " + std::to_string(exited->code);
    if (const auto* killed = std::get_if<Killed>(&result))
        return "killed " + std::to_string(killed->signal);
    return "failed";
}

class ClaimsTest : public testing::Test {
protected:
    using Connection = std::unique_ptr<Claims>;

    static Connection connect() { return std::make_unique<Claims>(); }

    std::shared_ptr<Operation> request(Claims& connection, const std::string& lvid = "id") {
        return request(store, connection, poll_request(lvid));
    }

    static std::shared_ptr<Operation> request(Store& store, Claims& connection,
                                              PollRequest request) {
        auto operation = std::get<Store::Accepted>(store.accept(std::move(request))).operation;
        connection.add(operation);
        operation->begin_step();
        return operation;
    }

    std::string read(Claims& connection, const std::string& lvid = "id") {
        return read(store, connection, lvid);
    }

    static std::string read(Store& store, Claims& connection, const std::string& lvid) {
        auto answer = text_of(connection.read(store, lvid));
        connection.answered();
        return answer;
    }

    Store store{Retention{}};
    Connection a = connect();
    Connection b = connect();
    Connection c = connect();
};

TEST_F(ClaimsTest, AKeptConnectionHearsThatALostOperationFailed) {
    Claims taken_up(1, true);
    EXPECT_EQ(read(taken_up), "failed");
}

TEST_F(ClaimsTest, AClaimOnAReplacedRunPassesOverAtTheClose) {
    const auto first = request(*a);
    ASSERT_TRUE(store.finish(*first, Exited{5}));
    const auto second = request(*b);
    a.reset();
    ASSERT_TRUE(store.finish(*second, Exited{3}));
    EXPECT_EQ(read(*b), "exited 3");
    EXPECT_EQ(read(*c), "exited 3") << "whose connection was the first one's";
    EXPECT_EQ(read(*c), "not found");
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

TEST_F(ClaimsTest, AReaderWithoutAClaimUsesNothing) {
    const auto operation = request(*a);
    store.finish(*operation, Exited{5});
    EXPECT_EQ(read(*b), "exited 5");
    EXPECT_EQ(read(*b), "exited 5");
    EXPECT_EQ(read(*a), "exited 5");
    EXPECT_EQ(read(*b), "not found");
}

TEST_F(ClaimsTest, AnyReaderMayUseAClosedConnectionsClaim) {
    const auto operation = request(*a);
    a.reset();
    EXPECT_EQ(read(*b), "in progress");
    store.finish(*operation, Exited{5});
    EXPECT_EQ(read(*b), "exited 5");
    EXPECT_EQ(read(*c), "not found");
}

TEST_F(ClaimsTest, ACloseAfterTheEndLeavesTheClaimToOthers) {
    const auto operation = request(*a);
    store.finish(*operation, Exited{5});
    a.reset();
    EXPECT_EQ(read(*b), "exited 5");
    EXPECT_EQ(read(*b), "not found");
}

TEST_F(ClaimsTest, AReaderWithAClaimUsesItsOwn) {
    const auto operation = request(*a);
    request(*b);
    a.reset();
    store.finish(*operation, Exited{5});
    EXPECT_EQ(read(*b), "exited 5");
    EXPECT_EQ(read(*c), "exited 5") << "the claim that a has left";
    EXPECT_EQ(read(*c), "not found");
}

TEST_F(ClaimsTest, AReaderWithoutAClaimLeavesTheOwnersAlone) {
    const auto operation = request(*a);
    request(*b);
    a.reset();
    store.finish(*operation, Exited{5});
    EXPECT_EQ(read(*c), "exited 5");
    EXPECT_EQ(read(*c), "exited 5");
    EXPECT_EQ(read(*b), "exited 5");
    EXPECT_EQ(read(*c), "not found");
}

TEST_F(ClaimsTest, AnAnswerThatIsNotSentUsesUpNothing) {
    store.finish(*request(*a), Exited{5});
    EXPECT_EQ(text_of(a->read(store, "id")), "exited 5");
    EXPECT_EQ(read(*b), "not found") << "the answer is on its way to a";
    a.reset();
    EXPECT_EQ(read(*b), "exited 5");
    EXPECT_EQ(read(*b), "not found");
}

TEST_F(ClaimsTest, AnAnswerThatIsNotSentLeavesOthersTheirClaims) {
    const auto operation = request(*a);
    request(*b);
    store.finish(*operation, Exited{5});
    EXPECT_EQ(text_of(a->read(store, "id")), "exited 5");
    a.reset();
    EXPECT_EQ(read(*b), "exited 5");
    EXPECT_EQ(read(*c), "exited 5") << "the claim that a has left";
    EXPECT_EQ(read(*c), "not found");
}

TEST_F(ClaimsTest, AFreeClaimComesBackFromAnUnansweredReader) {
    store.finish(*request(*a), Exited{5});
    a.reset();
    EXPECT_EQ(text_of(b->read(store, "id")), "exited 5");
    b.reset();
    EXPECT_EQ(read(*c), "exited 5");
    EXPECT_EQ(read(*c), "not found");
}

TEST_F(ClaimsTest, AMereReaderThatIsNotAnsweredLeavesNoClaim) {
    store.finish(*request(*a), Exited{5});
    EXPECT_EQ(text_of(b->read(store, "id")), "exited 5");
    b.reset();
    EXPECT_EQ(read(*a), "exited 5");
    EXPECT_EQ(read(*c), "not found");
}

TEST_F(ClaimsTest, AnUnsentAnswerIsAClaimOnTheLaterRun) {
    store.finish(*request(*a), Exited{5});
    EXPECT_EQ(text_of(a->read(store, "id")), "exited 5");
    const auto later = request(*b);
    a.reset();
    store.finish(*later, Exited{3});
    EXPECT_EQ(read(*b), "exited 3");
    EXPECT_EQ(read(*c), "exited 3") << "the claim that a has left";
    EXPECT_EQ(read(*c), "not found");
}

TEST_F(ClaimsTest, ANewStartLeavesOthersTheirUnreadResult) {
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

TEST_F(ClaimsTest, ANewStartOfItsOwnGivesUpTheUnreadResult) {
    store.finish(*request(*a), Exited{5});
    const auto second = request(*a);
    EXPECT_EQ(read(*a), "in progress");
    store.finish(*second, Exited{0});
    EXPECT_EQ(read(*a), "exited 0");
    EXPECT_EQ(read(*a), "not found");
}

TEST_F(ClaimsTest, AnEarlierRunsReaderDoesNotForgetTheLaterRun) {
    store.finish(*request(*a), Exited{5});
    const auto second = request(*b);
    store.finish(*second, Exited{0});
    EXPECT_EQ(read(*a), "exited 5");
    EXPECT_EQ(store.find("id"), second);
    EXPECT_EQ(read(*b), "exited 0");
}

TEST_F(ClaimsTest, AnAbortAndAPollingOfOneLvAreClaimedApart) {
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

TEST_F(ClaimsTest, AStartKeepsTheOtherStoresUnreadResult) {
    Store aborts{Retention{}};
    store.finish(*request(*a), Exited{5});
    request(aborts, *a, abort_request("id"));
    EXPECT_EQ(read(*a), "exited 5");
}

TEST_F(ClaimsTest, LvsAreClaimedApart) {
    const auto one = request(*a, "one");
    const auto two = request(*a, "two");
    store.finish(*two, Exited{2});
    EXPECT_EQ(read(*a, "one"), "in progress");
    EXPECT_EQ(read(*a, "two"), "exited 2");
    store.finish(*one, Exited{1});
    EXPECT_EQ(read(*a, "one"), "exited 1");
    EXPECT_TRUE(store.operations().empty());
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
