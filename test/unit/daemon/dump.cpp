// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/dump.h"

#include "operation/operation.h"
#include "operation/test_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

// The expected text was recorded from lvm2's daemon, release 2.03.16, with the later spelling of
// error_occurred and with our comments.
namespace lvmpolld {
namespace {

using testing::HasSubstr;
using testing::Not;

struct DumpTest : testing::Test {
    Store polls{Retention{}};
    Store aborts{Retention{}};

    std::shared_ptr<Operation> accept(PollRequest request) {
        auto& store = request.abort ? aborts : polls;
        return std::get<Store::Accepted>(store.accept(std::move(request))).operation;
    }

    std::string text() { return dump(polls, aborts, "watch"); }
};

TEST_F(DumpTest, OfNothing) {
    EXPECT_EQ(text(), "# Registered polling operations\n"
                      "\n"
                      "poll {\n"
                      "}\n"
                      "\n"
                      "# Engine: watch\n"
                      "\n"
                      "# Registered abort operations\n"
                      "\n"
                      "abort {\n"
                      "}");
}

TEST_F(DumpTest, OfOperationsInBothStores) {
    accept(poll_request("id"))->set_lvpoll(13070);
    auto merge = poll_request("id2", "+100");
    merge.type = OperationType::merge;
    merge.identity = Identity(merge.identity.lvid(), "/etc/x");
    accept(merge)->set_lvpoll(13074);
    accept(merge);
    const auto abort = accept(abort_request("id"));
    abort->set_lvpoll(13076);
    abort->begin_step();
    aborts.finish(*abort, Exited{5});

    EXPECT_EQ(text(), "# Registered polling operations\n"
                      "\n"
                      "poll {\n"
                      "\t/etc/xid2 {\n"
                      "\t\tlvid=\"id2\"\n"
                      "\t\ttype=\"merge\"\n"
                      "\t\tlvname=\"vg/lv\"\n"
                      "\t\tlvmpolld_internal_timeout=200\n"
                      "\t\tlvm_command_interval=\"+100\"\n"
                      "\t\tLVM_SYSTEM_DIR=\"/etc/x\"\n"
                      "\t\tlvm_command_pid=13074\n"
                      "\t\tpolling_finished=0\n"
                      "\t\terror_occurred=0\n"
                      "\t\tinit_requests_count=2\n"
                      "\t\t# accepted\n"
                      "\t\tlvm_command {\n"
                      "\t\t\tstate=\"in_progress\"\n"
                      "\t\t}\n"
                      "\t}\n"
                      "\tid {\n"
                      "\t\tlvid=\"id\"\n"
                      "\t\ttype=\"pvmove\"\n"
                      "\t\tlvname=\"vg/lv\"\n"
                      "\t\tlvmpolld_internal_timeout=60\n"
                      "\t\tlvm_command_interval=\"15\"\n"
                      "\t\tLVM_SYSTEM_DIR=\"<undefined>\"\n"
                      "\t\tlvm_command_pid=13070\n"
                      "\t\tpolling_finished=0\n"
                      "\t\terror_occurred=0\n"
                      "\t\tinit_requests_count=1\n"
                      "\t\t# accepted\n"
                      "\t\tlvm_command {\n"
                      "\t\t\tstate=\"in_progress\"\n"
                      "\t\t}\n"
                      "\t}\n"
                      "}\n"
                      "\n"
                      "# Engine: watch\n"
                      "\n"
                      "# Registered abort operations\n"
                      "\n"
                      "abort {\n"
                      "\tid {\n"
                      "\t\tlvid=\"id\"\n"
                      "\t\ttype=\"pvmove\"\n"
                      "\t\tlvname=\"vg/lv\"\n"
                      "\t\tlvmpolld_internal_timeout=60\n"
                      "\t\tlvm_command_interval=\"0\"\n"
                      "\t\tLVM_SYSTEM_DIR=\"<undefined>\"\n"
                      "\t\tlvm_command_pid=13076\n"
                      "\t\tpolling_finished=1\n"
                      "\t\terror_occurred=0\n"
                      "\t\tinit_requests_count=1\n"
                      "\t\tlvm_command {\n"
                      "\t\t\tstate=\"finished\"\n"
                      "\t\t\treason=\"retcode\"\n"
                      "\t\t\tvalue=5\n"
                      "\t\t}\n"
                      "\t}\n"
                      "}");
}

TEST_F(DumpTest, ACommentTellsWhatAnOperationInProgressDoes) {
    const auto operation = accept(poll_request());
    operation->set_phase(Phase::watching);
    EXPECT_THAT(text(),
                HasSubstr("\t\tinit_requests_count=1\n\t\t# watching\n\t\tlvm_command {\n"));
    operation->set_progress({.copied = 8, .total = 16});
    EXPECT_THAT(text(), HasSubstr("\n\t\t# watching, 8 of 16 sectors copied\n"));
    polls.finish(*operation, Exited{0});
    EXPECT_THAT(text(), Not(HasSubstr("watching")));
}

TEST_F(DumpTest, ADevicesNameDoesNotEndTheComment) {
    accept(poll_request())->set_waiting("the name 'a\nb\033[2J' is not one of LVM's");
    EXPECT_THAT(text(), HasSubstr("\t\t# accepted, the name 'a?b?[2J' is not one of LVM's\n"));
}

TEST_F(DumpTest, TheEngineIsNamed) {
    EXPECT_THAT(dump(polls, aborts, "resident"), HasSubstr("\n# Engine: resident\n"));
}

TEST_F(DumpTest, BeforeTheFirstChildThePidIsMinusOne) {
    accept(poll_request());
    EXPECT_THAT(text(), HasSubstr("\t\tlvm_command_pid=-1\n"));
}

TEST_F(DumpTest, ASignalIsNamedAsOne) {
    polls.finish(*accept(poll_request()), Killed{9});
    EXPECT_THAT(text(), HasSubstr("\t\t\treason=\"signal\"\n\t\t\tvalue=9\n"));
    EXPECT_THAT(text(), HasSubstr("\t\terror_occurred=0\n"));
}

TEST_F(DumpTest, OfAPollingThatFailed) {
    polls.finish(*accept(poll_request()), PollingFailed{});
    EXPECT_THAT(text(), HasSubstr("\t\tpolling_finished=1\n\t\terror_occurred=1\n"));
    EXPECT_THAT(text(), HasSubstr("\t\t\tstate=\"finished\"\n\t\t}\n"));
    EXPECT_THAT(text(), Not(HasSubstr("reason=")));
}

TEST_F(DumpTest, ALongIntervalDoesNotOverflowTheTimeout) {
    accept(poll_request("id", "4294967295"));
    EXPECT_THAT(text(), HasSubstr("\t\tlvmpolld_internal_timeout=2147483646\n"));
    EXPECT_THAT(text(), HasSubstr("\t\tlvm_command_interval=\"4294967295\"\n"));
}

TEST_F(DumpTest, TheTimeoutIsTwoIntervalsAndAtLeastAMinute) {
    accept(poll_request("id", "30"));
    EXPECT_THAT(text(), HasSubstr("\t\tlvmpolld_internal_timeout=60\n"));
    accept(poll_request("longer", "31"));
    EXPECT_THAT(text(), HasSubstr("\t\tlvmpolld_internal_timeout=62\n"));
}

} // namespace
} // namespace lvmpolld
