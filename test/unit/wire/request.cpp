// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wire/request.h"

#include "base/limits.h"
#include "wire/reply.h"

#include <gtest/gtest.h>

#include <string>

namespace lvmpolld::wire {
namespace {

using std::chrono::seconds;

/// A request to poll that is accepted; `more` stands before its parameters and so wins over them.
std::string poll(std::string_view more = "") {
    return "request=\"pvmove\"\n" + std::string(more) +
           "\nlvid=\"id\"\nvgname=\"vg\"\nlvname=\"lv\"\ninterval=\"15\"\n";
}

std::string progress_info(std::string_view more = "") {
    return "request=\"progress_info\"\n" + std::string(more) + "\nlvid=\"id\"\n";
}

/// The reply, empty if the request is accepted.
std::string rejection(std::string_view text) {
    const auto request = parse_request(text);
    const auto* const rejected = std::get_if<Rejected>(&request);
    return rejected ? rejected->reply : "";
}

TEST(ParseRequest, KnowsHelloAndDump) {
    EXPECT_TRUE(std::holds_alternative<Hello>(parse_request("request=\"hello\"")));
    EXPECT_TRUE(std::holds_alternative<Hello>(parse_request("request=[hello, 1]")) == false);
    EXPECT_TRUE(std::holds_alternative<Hello>(parse_request("request=['hello', 1]")));
    EXPECT_TRUE(std::holds_alternative<Dump>(parse_request("request=dump\n")));
}

TEST(ParseRequest, RejectsEverythingElseAsNotImplemented) {
    const auto reply = reply::invalid("request not implemented");
    for (const auto* text : {"", "request=\"\"", "request=5", "request=HELLO", "hello", "{",
                             "reques=hello", "section { request=hello }", "request=\"hello \"",
                             "request=[]", "a=99999999999999999999"})
        EXPECT_EQ(rejection(text), reply) << text;
}

TEST(ParseRequest, TheFirstOfARepeatedRequestCounts) {
    EXPECT_TRUE(std::holds_alternative<Hello>(parse_request("request=hello request=dump")));
}

TEST(ParseRequest, ReadsProgressInfo) {
    const auto request = parse_request(progress_info("sysdir=\"/etc/lvm\" abort=1"));
    const auto& progress = std::get<ProgressInfo>(request);
    EXPECT_EQ(progress.identity.lvid(), "id");
    EXPECT_EQ(progress.identity.sysdir(), "/etc/lvm");
    EXPECT_TRUE(progress.abort);
    EXPECT_EQ(progress.identity.text(), "/etc/lvmid");
}

TEST(ParseRequest, ProgressInfoNeedsOnlyAnLvid) {
    const auto request = parse_request(progress_info());
    const auto& progress = std::get<ProgressInfo>(request);
    EXPECT_EQ(progress.identity.sysdir(), std::nullopt);
    EXPECT_FALSE(progress.abort);
    EXPECT_EQ(progress.identity.text(), "id");
    EXPECT_EQ(rejection("request=progress_info"), reply::failed("request requires lvid set"));
    EXPECT_EQ(rejection("request=progress_info lvid=5"),
              reply::failed("request requires lvid set"));
    EXPECT_EQ(rejection("request=progress_info lvid=\"\""),
              reply::failed("request requires lvid set"));
}

TEST(ParseRequest, ProgressInfoChecksItsParameters) {
    EXPECT_EQ(rejection(progress_info("lvid=\"a\tb\"")),
              reply::invalid("lvid contains control characters"));
    EXPECT_EQ(rejection(progress_info("sysdir=\"a\tb\"")),
              reply::invalid("sysdir contains control characters"));
}

TEST(ParseRequest, ReadsAPollRequestWithAllParameters) {
    const auto request =
        parse_request(poll("interval=\"+15\" sysdir=\"/etc/lvm\" abort=1 handle_missing_pvs=1 "
                           "devicesfile=\"a.devices\" cmdline=\"pvmove --abort\""));
    const auto& start = std::get<Start>(request);
    const auto& poll = start.request;
    EXPECT_EQ(poll.type, OperationType::pvmove);
    EXPECT_TRUE(poll.abort);
    EXPECT_EQ(poll.identity.lvid(), "id");
    EXPECT_EQ(poll.vgname, "vg");
    EXPECT_EQ(poll.lvname, "lv");
    EXPECT_EQ(poll.interval, (Interval{"+15", true, seconds(15)}));
    EXPECT_EQ(poll.identity.sysdir(), "/etc/lvm");
    EXPECT_TRUE(poll.handle_missing_pvs);
    EXPECT_EQ(poll.devicesfile, "a.devices");
    EXPECT_EQ(start.cmdline, "pvmove --abort");
    EXPECT_EQ(poll.identity.text(), "/etc/lvmid");
}

TEST(ParseRequest, ReadsAPollRequestWithoutTheOptionalParameters) {
    const auto request = parse_request(poll());
    const auto& start = std::get<Start>(request);
    const auto& poll = start.request;
    EXPECT_FALSE(poll.abort);
    EXPECT_FALSE(poll.handle_missing_pvs);
    EXPECT_EQ(poll.identity.sysdir(), std::nullopt);
    EXPECT_EQ(poll.devicesfile, std::nullopt);
    EXPECT_EQ(start.cmdline, std::nullopt);
    EXPECT_EQ(poll.identity.text(), "id");
}

TEST(ParseRequest, KnowsEveryOperation) {
    for (const auto type : {OperationType::pvmove, OperationType::convert, OperationType::merge,
                            OperationType::merge_thin}) {
        const auto request =
            parse_request("request=\"" + std::string(name(type)) + "\"\n" + poll());
        EXPECT_EQ(std::get<Start>(request).request.type, type);
    }
}

TEST(ParseRequest, FlagsAreIntegersOf32Bits) {
    const auto aborts = [](std::string_view value) {
        return std::get<Start>(parse_request(poll("abort=" + std::string(value)))).request.abort;
    };
    EXPECT_TRUE(aborts("2"));
    EXPECT_TRUE(aborts("-1"));
    EXPECT_TRUE(aborts("[1]"));
    EXPECT_TRUE(aborts("4294967297"));
    EXPECT_FALSE(aborts("4294967296"));
    EXPECT_FALSE(aborts("0"));
    EXPECT_FALSE(aborts("\"1\""));
    EXPECT_FALSE(aborts("1.5"));
}

TEST(ParseRequest, ChecksInTheOrderOfTheReference) {
    EXPECT_EQ(rejection("request=merge abort=1"),
              reply::invalid("abort only supported with PVMOVE polling operation"));
    EXPECT_EQ(rejection("request=pvmove abort=1"), reply::invalid("request requires interval set"));
    EXPECT_EQ(rejection("request=pvmove interval=\"1\""),
              reply::failed("request requires lvname set"));
    EXPECT_EQ(rejection("request=pvmove interval=\"1\" lvname=a"),
              reply::failed("request requires lvid set"));
    EXPECT_EQ(rejection("request=pvmove interval=\"1\" lvname=a lvid=b"),
              reply::failed("request requires vgname set"));
    EXPECT_EQ(rejection("request=pvmove interval=\"1\" lvname=a lvid=b vgname=c"), "");
}

TEST(ParseRequest, ItsOwnChecksComeLast) {
    EXPECT_EQ(rejection("request=pvmove interval=\"1s\""),
              reply::failed("request requires lvname set"));
    EXPECT_EQ(rejection("request=pvmove interval=\"1\" lvname=\"-a\""),
              reply::failed("request requires lvid set"));
}

TEST(ParseRequest, RejectsIntervalsInTheReferencesWords) {
    for (const auto* interval : {"15", "1.5", "\"\"", "\"-1\"", "\"1-\"", "\"15s-\"", "\"abc\"",
                                 "\"+\"", "\"++5\"", "\"+ 5\"", "\" \"",
                                 "\"\xa0"
                                 "5\"",
                                 "[]", "[5,\"5\"]"})
        EXPECT_EQ(rejection(poll("interval=" + std::string(interval))),
                  reply::invalid("request requires interval set"))
            << interval;
}

TEST(ParseRequest, RejectsOtherIntervalsThatAreNotDigitsInItsOwn) {
    for (const auto* interval : {"15s", " 15", "\t\n\v\f\r5", "15 ", "1.5", "0x10", " +5", "5+"})
        EXPECT_EQ(rejection(poll("interval=\"" + std::string(interval) + "\"")),
                  reply::invalid("interval is not a number of seconds"))
            << interval;
    EXPECT_EQ(rejection(poll("interval=\"" + std::string(limits::parameter_bytes + 1, '0') + "\"")),
              reply::invalid("interval is too long"));
}

TEST(ParseRequest, RejectsNamesThatLvmRefuses) {
    for (const std::string parameter : {"vgname", "lvname"}) {
        const auto with = [&](const std::string& name) {
            return rejection(poll(parameter + "=\"" + name + "\""));
        };
        EXPECT_EQ(with("-x"), reply::invalid(parameter + " begins with a hyphen"));
        for (const auto* name : {".", "..", "a/b", "a b", "a\nb", "\xc3\xa4", "a\\\"b", "a:b"})
            EXPECT_EQ(with(name), reply::invalid(parameter + " is not a valid name")) << name;
        EXPECT_EQ(with(std::string(limits::name_characters + 1, 'a')),
                  reply::invalid(parameter + " is too long"));
        EXPECT_EQ(with(std::string(limits::name_characters, 'a')), "");
        for (const auto* name : {"a-b", "...", ".a", "+_.-Z9", "pvmove0", "_a"})
            EXPECT_EQ(with(name), "") << name;
    }
}

TEST(ParseRequest, RejectsControlCharactersAndOversize) {
    for (const std::string parameter : {"lvid", "sysdir", "devicesfile"}) {
        const auto with = [&](const std::string& text) {
            return rejection(poll(parameter + "=\"" + text + "\""));
        };
        for (const auto* text : {"a\nb", "\x01", "a\x7f", "\t"})
            EXPECT_EQ(with(text), reply::invalid(parameter + " contains control characters"))
                << text;
        EXPECT_EQ(with(std::string(limits::parameter_bytes + 1, 'a')),
                  reply::invalid(parameter + " is too long"));
        EXPECT_EQ(with(std::string(limits::parameter_bytes, 'a')), "");
        EXPECT_EQ(with("any form, \xc3\xa4 -/"), "");
    }
}

} // namespace
} // namespace lvmpolld::wire
