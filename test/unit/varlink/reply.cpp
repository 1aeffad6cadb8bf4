// SPDX-License-Identifier: LGPL-2.1-or-later
#include "varlink/reply.h"

#include "base/limits.h"
#include "base/statistics.h"
#include "varlink/client.h"

#include <gtest/gtest.h>

#include <string>

namespace lvmpolld::varlink {

namespace {

using overview::Entry;

Entry full_entry() {
    Entry entry{.identifier = "poll-17"};
    entry.kind = overview::Kind::merge_thin;
    entry.store = overview::StoreKind::poll;
    entry.vg = "vg0";
    entry.lv = "lv \"0\"";
    entry.lvid = std::string(64, 'x');
    entry.sysdir = "/etc/lvm";
    entry.interval = std::chrono::seconds(15);
    entry.state = overview::State::finished;
    entry.waits_for = "its turn";
    entry.bytes_done = 1;
    entry.bytes_total = std::uint64_t{1} << 50;
    entry.bytes_per_second = 3;
    entry.expected_end = overview::WallTime(4);
    entry.started = overview::WallTime(5);
    entry.last_progress = overview::WallTime(6);
    entry.finished = overview::WallTime(7);
    entry.engine = overview::Engine::resident;
    entry.child = 4711;
    entry.output = {"  Moved: 10.00%", "  \"Moved\": 20.00%"};
    entry.waiting_clients = 2;
    entry.requests = 3;
    entry.verification = Verification::comparing;
    entry.bytes_compared = 8;
    entry.bytes_to_compare = 9;
    entry.reads_from = {"/dev/sda", "/dev/sdb"};
    entry.writes_to = {"/dev/sdc"};
    entry.result = overview::outcome_of(Exited{5}, "why");
    return entry;
}

/// What a client reads of a text that a server has made.
Reply read(const std::string& text) {
    EXPECT_EQ(text.find('\0'), text.size() - 1);
    return parse_reply(std::string_view(text).substr(0, text.size() - 1)).value();
}

} // namespace

TEST(VarlinkReply, AnOperationIsReadAsItWasWritten) {
    for (const auto& entry : {full_entry(), Entry{.identifier = "kernel-1"}}) {
        const auto read_back = read(reply::operation(operation_text(entry), false));
        EXPECT_FALSE(read_back.continues);
        EXPECT_EQ(operation_of(read_back), entry);
    }
}

TEST(VarlinkReply, WhatIsAbsentHasNoKey) {
    EXPECT_EQ(operation_text(Entry{.identifier = "kernel-1"}),
              R"({"identifier":"kernel-1","context":{"type":"pvmove","polledBy":"daemon",)"
              R"("volumeGroup":"","logicalVolume":"","lvid":""},"runtime":{"state":"accepted",)"
              R"("verification":"none","readsFrom":[],"writesTo":[]}})");
}

TEST(VarlinkReply, NamesAreNeverInvalidText) {
    Entry entry{.identifier = "poll-1"};
    entry.waits_for = "lvm said \xff\x01";
    entry.output = {"cut \xc3"};
    const auto read_back = operation_of(read(reply::operation(operation_text(entry), true)));
    EXPECT_EQ(read_back.value().waits_for, "lvm said \xef\xbf\xbd\x01");
    EXPECT_EQ(read_back.value().output.at(0), "cut \xef\xbf\xbd");
}

TEST(VarlinkReply, AReasonHasABound) {
    Entry entry{.identifier = "poll-1"};
    entry.result = overview::outcome_of(Exited{5}, std::string(100'000, 'x'));
    EXPECT_LT(operation_text(entry).size(), limits::reason_bytes + 1024);
}

TEST(VarlinkReply, AnEndFitsIntoAMessage) {
    const auto entry = full_entry();
    const std::vector<const Entry*> entries(256, &entry);
    const auto text = reply::ended(entries, 3, 259);
    EXPECT_LE(text.size(), limits::varlink_message_bytes);
    const auto parameters = read(text).parameters;
    EXPECT_GT(parameters.at("ended").size(), 50);
    EXPECT_EQ(parameters.at("ended").size() + parameters.at("omitted").get<std::size_t>(), 259);
    EXPECT_EQ(parameters.at("failed"), 259);
}

TEST(VarlinkReply, ErrorsHaveTheirFullNames) {
    EXPECT_EQ(read(reply::no_such_operation()).error, "io.lvmpolld.Operations.NoSuchOperation");
    EXPECT_EQ(read(reply::subscriber_too_slow()).error, "io.lvmpolld.Operations.SubscriberTooSlow");
    EXPECT_EQ(read(reply::expected_more()).error, "org.varlink.service.ExpectedMore");
    const auto late = read(reply::timed_out(3));
    EXPECT_EQ(late.error, "io.lvmpolld.Operations.TimedOut");
    EXPECT_EQ(late.parameters.at("remaining"), 3);
    const auto rejected = read(reply::rejected({"MethodNotFound", "method", "a.b"}));
    EXPECT_EQ(rejected.error, "org.varlink.service.MethodNotFound");
    EXPECT_EQ(rejected.parameters.at("method"), "a.b");
}

TEST(VarlinkReply, DescribesEachInterfaceThatItNames) {
    const auto info = read(reply::info("1.2.3")).parameters;
    EXPECT_EQ(info.at("version"), "1.2.3");
    ASSERT_EQ(info.at("interfaces").size(), 3);
    for (const std::string name : info.at("interfaces")) {
        const std::string text = read(reply::description(name)).parameters.at("description");
        EXPECT_NE(text.find("\ninterface " + name + "\n"), text.npos) << name;
    }
    EXPECT_EQ(read(reply::description("a.b")).error, "org.varlink.service.InterfaceNotFound");
}

TEST(VarlinkReply, DescribesEveryFieldThatItHas) {
    const std::string text =
        read(reply::description("io.lvmpolld.Operations")).parameters.at("description");
    const auto operation = parse_json(operation_text(full_entry())).value();
    for (const auto* part : {"context", "runtime"})
        for (const auto& [key, value] : operation.at(part).items())
            EXPECT_NE(text.find("\n  " + key + ": "), text.npos) << key;
}

TEST(VarlinkReply, DescribesEveryCounterThatItHas) {
    const std::string text =
        read(reply::description("io.lvmpolld.Statistics")).parameters.at("description");
    Statistics counted;
    counted.requests.starts[Statistics::abort].add();
    counted.latency.add(std::chrono::microseconds(11));
    const auto statistics = read(reply::statistics(counted)).parameters;
    for (const auto& [key, value] : statistics.items())
        EXPECT_NE(text.find("\n  " + key + ": "), text.npos) << key;
    EXPECT_EQ(statistics.at("requests").at("abort"), 1);
    EXPECT_EQ(statistics.at("latency").at(1).at("atMost"), 25);
    EXPECT_EQ(statistics.at("latency").at(1).at("requests"), 1);
    EXPECT_FALSE(statistics.at("latency").back().contains("atMost"));
    EXPECT_EQ(statistics.at("latencySum"), 11);
}

TEST(VarlinkReply, WhatIsNoReplyIsNone) {
    for (const auto* text :
         {"", "[]", R"({"error":1})", R"({"continues":1})", R"({"parameters":[]})"})
        EXPECT_FALSE(parse_reply(text)) << text;
}

TEST(VarlinkReply, WhatIsNoOperationIsNone) {
    const auto good = parse_json(operation_text(full_entry())).value();
    EXPECT_TRUE(to_entry(good));
    for (const auto* path : {"/identifier", "/context", "/runtime", "/context/type",
                             "/runtime/state", "/runtime/readsFrom"}) {
        auto bad = good;
        bad[Json::json_pointer(path)] = true;
        EXPECT_FALSE(to_entry(bad)) << path;
    }
    EXPECT_FALSE(to_entry(Json::array()));
}

} // namespace lvmpolld::varlink
