// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/dump_reader.h"

#include <gtest/gtest.h>

#include <string>

using namespace lvmpolld;
using namespace lvmpolld::ctl;

namespace {

std::string operation(const std::string& lvid, const std::string& type, const std::string& more) {
    return "\t" + lvid + " {\n\t\tlvid=\"" + lvid + "\"\n\t\ttype=\"" + type +
           "\"\n\t\tlvname=\"vg/lv\"\n\t\tlvm_command_interval=\"+15\"\n"
           "\t\tLVM_SYSTEM_DIR=\"<undefined>\"\n\t\tlvm_command_pid=12\n"
           "\t\tinit_requests_count=2\n" +
           more + "\t}\n";
}

std::string dump_of(const std::string& polls, const std::string& aborts = {}) {
    return "# Registered polling operations\n\npoll {\n" + polls +
           "}\n\n# Registered abort operations\n\nabort {\n" + aborts + "}";
}

constexpr const char* running = "polling_finished=0\nlvm_command {\nstate=\"in_progress\"\n}\n";

} // namespace

TEST(DumpReader, ReadsWhatIsUnderWay) {
    DumpReader reader;
    const auto operations =
        reader.read(dump_of(operation("id1", "merge", running), operation("id1", "pvmove", "")));
    ASSERT_TRUE(operations);
    ASSERT_EQ(operations->size(), 2U);
    const auto& first = operations->front();
    EXPECT_EQ(first.request.type, OperationType::merge);
    EXPECT_EQ(first.request.identity, Identity("id1"));
    EXPECT_EQ(first.request.vgname + "/" + first.request.lvname, "vg/lv");
    EXPECT_EQ(first.request.interval.seconds.count(), 15);
    EXPECT_EQ(first.state.phase, Phase::resident);
    EXPECT_EQ(first.state.lvpoll, 12);
    EXPECT_EQ(first.state.init_requests, 2U);
    EXPECT_FALSE(first.state.result);
    EXPECT_TRUE(operations->back().request.abort);
}

TEST(DumpReader, ReadsResults) {
    const auto result = [](const std::string& command) {
        DumpReader reader;
        const auto text =
            "polling_finished=1\nlvm_command {\nstate=\"finished\"\n" + command + "}\n";
        return reader.read(dump_of(operation("id1", "pvmove", text)))->front().state.result;
    };
    EXPECT_EQ(result("reason=\"retcode\"\nvalue=5\n"), Result(Exited{5}));
    EXPECT_EQ(result("reason=\"signal\"\nvalue=9\n"), Result(Killed{9}));
    EXPECT_EQ(result(""), Result(PollingFailed{}));
}

TEST(DumpReader, NumbersStayTheSame) {
    DumpReader reader;
    const auto first = operation("id1", "pvmove", running);
    const auto second = operation("id2", "pvmove", running);
    const auto before = reader.read(dump_of(first + second));
    const auto after = reader.read(dump_of(second));
    EXPECT_NE(before->front().number, before->back().number);
    EXPECT_EQ(after->front().number, before->back().number);
}

TEST(DumpReader, ReadsAnEmptyOne) {
    EXPECT_EQ(DumpReader().read(dump_of(""))->size(), 0U);
}

TEST(DumpReader, LeavesOutWhatItDoesNotUnderstand) {
    EXPECT_EQ(DumpReader().read(dump_of(operation("id1", "teleport", running)))->size(), 0U);
    EXPECT_FALSE(DumpReader().read("response = {"));
}
