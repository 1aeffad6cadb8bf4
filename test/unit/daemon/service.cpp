// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/service.h"

#include "base/limits.h"
#include "base/recording_log.h"
#include "daemon/dump.h"
#include "operation/operation.h"
#include "operation/test_request.h"
#include "wire/reply.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lvmpolld {
namespace {

class ServiceTest : public testing::Test {
protected:
    std::string ask(Claims& connection, std::string_view message) {
        return std::string(bytes(service.answer(message, connection)));
    }

    std::string ask(std::string_view message) { return ask(a, message); }

    /// A request of this kind for the LV `id`; `more` wins over its parameters.
    static std::string request(std::string_view kind, std::string_view more = "") {
        return "request=\"" + std::string(kind) + "\"\n" + std::string(more) +
               "\nlvid=\"id\"\nvgname=\"vg\"\nlvname=\"lv\"\ninterval=\"15\"\ncmdline=\"pvmove "
               "/dev/sda\"\n";
    }

    std::string progress(std::string_view more = "") {
        return ask(a, request("progress_info", more));
    }

    static void finish(const std::shared_ptr<Operation>& operation, const Result& result) {
        operation->begin_step();
        EXPECT_TRUE(operation->store().finish(*operation, result));
    }

    const std::string ok{wire::reply::ok};
    const std::string in_progress{wire::reply::in_progress};
    const std::string not_found{wire::reply::not_found};

    Store polls{Retention{}};
    Store aborts{Retention{}};
    RecordingLog log;
    std::vector<std::shared_ptr<Operation>> started;
    Service service{polls, aborts, "watch", log, [this](std::shared_ptr<Operation> operation) {
                        started.push_back(std::move(operation));
                    }};
    Claims a;
    Claims b;
};

TEST_F(ServiceTest, Introduces) {
    EXPECT_EQ(ask("request=\"hello\""), wire::reply::hello);
}

TEST_F(ServiceTest, RejectsWhatItDoesNotKnow) {
    EXPECT_EQ(ask("request=\"nonsense\""), wire::reply::invalid("request not implemented"));
    EXPECT_EQ(ask(""), wire::reply::invalid("request not implemented"));
    EXPECT_EQ(ask("{{{"), wire::reply::invalid("request not implemented"));
}

TEST_F(ServiceTest, RejectsWhatIsIncompleteAndStartsNothing) {
    EXPECT_EQ(ask("request=\"pvmove\" interval=\"15\" lvname=\"lv\""),
              wire::reply::failed("request requires lvid set"));
    EXPECT_TRUE(started.empty());
    EXPECT_TRUE(polls.operations().empty());
}

TEST_F(ServiceTest, EveryTypeStartsAnOperationInThePollStore) {
    for (const auto* type : {"pvmove", "convert", "merge", "merge_thin"}) {
        const auto lvid = "lvid=\"" + std::string(type) + "\"";
        EXPECT_EQ(ask(request(type, lvid)), ok);
        ASSERT_FALSE(started.empty());
        EXPECT_EQ(name(started.back()->request().type), type);
        EXPECT_EQ(&started.back()->store(), &polls);
    }
    EXPECT_EQ(started.size(), 4U);
}

TEST_F(ServiceTest, AnAbortGoesToItsOwnStore) {
    EXPECT_EQ(ask(request("pvmove")), ok);
    EXPECT_EQ(ask(request("pvmove", "abort=1")), ok);
    ASSERT_EQ(started.size(), 2U);
    EXPECT_EQ(&started[1]->store(), &aborts);
    EXPECT_EQ(polls.in_progress(), 1U);
    EXPECT_EQ(aborts.in_progress(), 1U);
    finish(started[1], Exited{3});
    EXPECT_EQ(progress(), in_progress);
    EXPECT_EQ(progress("abort=1"), wire::reply::finished(Exited{3}));
    EXPECT_EQ(progress("abort=1"), not_found);
    EXPECT_EQ(progress(), in_progress);
}

TEST_F(ServiceTest, ASecondRequestJoins) {
    EXPECT_EQ(ask(a, request("pvmove")), ok);
    EXPECT_EQ(ask(b, request("pvmove", "interval=\"1\"")), ok);
    EXPECT_EQ(started.size(), 1U);
    EXPECT_EQ(polls.find("id")->snapshot().init_requests, 2U);
}

TEST_F(ServiceTest, AnotherTypeIsRefused) {
    EXPECT_EQ(ask(request("pvmove")), ok);
    EXPECT_EQ(ask(request("convert")), wire::reply::different_operation);
    EXPECT_EQ(started.size(), 1U);
}

TEST_F(ServiceTest, WithAndWithoutASystemFolderAreTwoOperations) {
    EXPECT_EQ(ask(request("pvmove")), ok);
    EXPECT_EQ(ask(request("pvmove", "sysdir=\"/etc/x\"")), ok);
    ASSERT_EQ(started.size(), 2U);
    finish(started[1], Exited{0});
    EXPECT_EQ(progress(), in_progress);
    EXPECT_EQ(progress("sysdir=\"/etc/x\""), wire::reply::finished(Exited{0}));
    EXPECT_EQ(progress("sysdir=\"/etc/y\""), not_found);
}

TEST_F(ServiceTest, ProgressIsThatOfTheOperation) {
    EXPECT_EQ(progress(), not_found);
    EXPECT_EQ(ask(request("pvmove")), ok);
    EXPECT_EQ(progress(), in_progress);
    finish(started[0], Exited{5});
    EXPECT_EQ(progress(), wire::reply::finished(Exited{5}));
    EXPECT_EQ(progress(), not_found);
}

TEST_F(ServiceTest, ASignalIsToldAsOne) {
    ask(request("pvmove"));
    finish(started[0], Killed{9});
    EXPECT_EQ(progress(), wire::reply::finished(Killed{9}));
}

TEST_F(ServiceTest, APollingThatFailedIsToldAsFailed) {
    ask(request("pvmove"));
    finish(started[0], PollingFailed{});
    EXPECT_EQ(progress(), wire::reply::polling_failed);
}

TEST_F(ServiceTest, TwoClientsBothLearnOfAFailure) {
    ask(a, request("pvmove"));
    ask(b, request("pvmove"));
    finish(started[0], Exited{5});
    EXPECT_EQ(ask(a, request("progress_info")), wire::reply::finished(Exited{5}));
    EXPECT_EQ(ask(b, request("progress_info")), wire::reply::finished(Exited{5}));
    EXPECT_EQ(ask(a, request("progress_info")), not_found);
    EXPECT_EQ(ask(b, request("progress_info")), not_found);
}

TEST_F(ServiceTest, AResultThatIsNotCollectedMakesWayForANewStart) {
    ask(request("pvmove"));
    finish(started[0], Exited{5});
    EXPECT_EQ(ask(request("pvmove")), ok);
    EXPECT_EQ(started.size(), 2U);
    EXPECT_EQ(progress(), in_progress);
}

TEST_F(ServiceTest, TheDumpIsATerminatedMessage) {
    ask(request("pvmove"));
    EXPECT_EQ(ask("request=\"dump\""), dump(polls, aborts, "watch") + "\n##\n");
}

TEST_F(ServiceTest, AnswersQuestionsButStartsNothingWhileStopping) {
    ask(request("pvmove"));
    service.stop_starting();
    EXPECT_EQ(ask(request("pvmove", "lvid=\"other\"")),
              wire::reply::failed("lvmpolld is stopping"));
    EXPECT_EQ(started.size(), 1U);
    EXPECT_EQ(polls.find("other"), nullptr);
    EXPECT_EQ(progress(), in_progress);
    EXPECT_EQ(ask("request=\"hello\""), wire::reply::hello);
}

TEST_F(ServiceTest, BeyondTheLimitThereIsNotEnoughMemory) {
    for (std::size_t i = 0; i < limits::operations; ++i)
        ASSERT_TRUE(
            std::holds_alternative<Store::Accepted>(polls.accept(poll_request(std::to_string(i)))));
    EXPECT_EQ(ask(request("pvmove")), wire::reply::out_of_memory);
    EXPECT_EQ(log.count(LogLevel::error), 1U);
    EXPECT_EQ(ask(request("pvmove", "abort=1")), ok) << "the other store has room";
}

TEST_F(ServiceTest, TheTrafficIsLoggedLineByLine) {
    ask("request=\"hello\"");
    EXPECT_TRUE(log.has(LogLevel::wire, "<- request=\"hello\""));
    EXPECT_TRUE(log.has(LogLevel::wire, "-> response = \"OK\""));
    for (const auto& [level, message] : log.messages)
        EXPECT_EQ(message.find('\n'), message.npos);
}

TEST_F(ServiceTest, RequestsAreLoggedWithTheClientsCommandLine) {
    ask(request("pvmove"));
    ask(request("pvmove", "cmdline=\"lvchange --poll y\""));
    EXPECT_TRUE(
        log.has(LogLevel::info, "polling of vg/lv (pvmove): accepted, asked by `pvmove /dev/sda`"));
    EXPECT_TRUE(
        log.has(LogLevel::info, "polling of vg/lv (pvmove): joined, asked by `lvchange --poll y`"));
}

TEST_F(ServiceTest, ACommandLineIsOneBoundedLineOfTheLog) {
    ask(request("pvmove", "cmdline=\"a\nb\x1b[31m" + std::string(10'000, 'x') + "\""));
    EXPECT_TRUE(log.has(LogLevel::info, "asked by `a?b?[31mxxx"));
    for (const auto& [level, message] : log.messages)
        EXPECT_TRUE(level != LogLevel::info || message.size() < 400U);
}

} // namespace
} // namespace lvmpolld
