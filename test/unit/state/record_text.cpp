// SPDX-License-Identifier: LGPL-2.1-or-later
#include "state/record_text.h"

#include "config/document.h"
#include "operation/test_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lvmpolld {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto boot = "c5fd3a4e-0001";

Record record() {
    auto request = poll_request("id", "+15");
    request.type = OperationType::merge_thin;
    request.abort = true;
    request.identity = Identity("id", "/etc/\"other\" \\lvm");
    request.handle_missing_pvs = true;
    request.devicesfile = "some.devices";
    Record result{.number = 17, .request = request};
    result.held_claims = {{3, 1}, {18446744073709551615U, 2}};
    result.free_claims = 4;
    result.accepted_at = std::chrono::milliseconds(1234567);
    return result;
}

Record read_back(const Record& record) {
    return std::get<Record>(parse_record(record_text(record, boot), boot, record.number));
}

std::string reason(std::string_view text) {
    return std::get<Unreadable>(parse_record(text, boot, 1)).reason;
}

std::string replaced(std::string text, std::string_view old, std::string_view by) {
    return text.replace(text.find(old), old.size(), by);
}

TEST(RecordText, ReadsBackAsItWas) {
    const auto read = read_back(record());
    const auto expected = record();
    EXPECT_EQ(read.number, expected.number);
    EXPECT_EQ(read.request.type, expected.request.type);
    EXPECT_TRUE(read.request.abort);
    EXPECT_EQ(read.request.identity, expected.request.identity);
    EXPECT_EQ(read.request.vgname, "vg");
    EXPECT_EQ(read.request.lvname, "lv");
    EXPECT_EQ(read.request.interval, expected.request.interval);
    EXPECT_TRUE(read.request.handle_missing_pvs);
    EXPECT_EQ(read.request.devicesfile, expected.request.devicesfile);
    EXPECT_EQ(read.held_claims, expected.held_claims);
    EXPECT_EQ(read.free_claims, 4U);
    EXPECT_EQ(read.accepted_at, expected.accepted_at);
    EXPECT_FALSE(read.result);
}

TEST(RecordText, TellsExitCodeSignalAndUnknownEndApart) {
    for (const Result& result : {Result(Exited{5}), Result(Killed{9}), Result(PollingFailed{})}) {
        auto finished = record();
        finished.result = result;
        finished.finished_at = std::chrono::steady_clock::time_point(1234567ms);
        const auto read = read_back(finished);
        EXPECT_EQ(read.result, result);
        EXPECT_EQ(read.finished_at, finished.finished_at);
    }
}

TEST(RecordText, WithoutAnyClaimIsARecord) {
    auto unclaimed = record();
    unclaimed.held_claims.clear();
    unclaimed.free_claims = 0;
    EXPECT_THAT(read_back(unclaimed).held_claims, ElementsAre());
}

TEST(RecordText, AnotherBootsIsNotForUs) {
    EXPECT_EQ(reason(record_text(record(), "another")), "of another boot");
}

TEST(RecordText, ALaterFormatIsNotForUs) {
    const auto text =
        replaced(record_text(record(), boot), "lvmpolld_record = 1", "lvmpolld_record = 2");
    EXPECT_THAT(reason(text), HasSubstr("format 2"));
}

TEST(RecordText, TextThatIsNoneIsRefused) {
    EXPECT_EQ(reason(""), "not a record");
    EXPECT_EQ(reason("something = \"else\""), "not a record");
    EXPECT_EQ(reason("}{"), "not a record");
}

TEST(RecordText, EveryTruncationIsRefused) {
    const auto text = record_text(record(), boot);
    for (std::size_t size = 0; size < text.size() - 1; ++size)
        EXPECT_TRUE(std::holds_alternative<Unreadable>(parse_record(text.substr(0, size), boot, 1)))
            << size;
}

TEST(RecordText, ClaimsThatMakeNoSenseAreRefused) {
    for (const auto* claims :
         {"3:0", "3", "x:1", "3:1x", ":", "18446744073709551615:1", "3:4294967295", "3:2147483643"})
        EXPECT_THAT(reason(replaced(record_text(record(), boot), "3:1", claims)),
                    HasSubstr("claims"));
}

TEST(RecordText, WhatNoClientMayAskForIsRefused) {
    for (const auto& [old, by] :
         {std::pair("\"vg\"", "\"--config=x\""), std::pair("\"lv\"", "\"a b\""),
          std::pair("\"lv\"", "\"..\""), std::pair("\"id\"", "\"i\033d\""),
          std::pair("/etc/", "/e\ntc/"), std::pair("some.devices", "some\177devices")})
        EXPECT_THAT(reason(replaced(record_text(record(), boot), old, by)),
                    HasSubstr("no client could have made"))
            << by;
}

TEST(RecordText, TimesThatCannotBeAreRefused) {
    auto finished = record();
    finished.result = Exited{5};
    finished.finished_at = std::chrono::steady_clock::time_point(7654321ms);
    const auto text = record_text(finished, boot);
    for (const auto* time : {"9223372036854775807", "-1", "9223372036854"})
        for (const auto* old : {"1234567", "7654321"})
            EXPECT_THAT(reason(replaced(text, old, time)), HasSubstr("time")) << time;
}

const SuspectList suspects{
    {{"LVM-" + std::string(64, 'a'), 0}, Lasts::with_lv},
    {{"LVM-" + std::string(64, 'b') + "-pvmove", 18446744073709551615U}, Lasts::with_device}};

std::string suspects_reason(std::string_view text) {
    return std::get<Unreadable>(parse_suspects(text)).reason;
}

TEST(SuspectsText, ReadsBackAsItWas) {
    EXPECT_EQ(std::get<0>(parse_suspects(suspects_text(suspects))), suspects);
    EXPECT_EQ(std::get<0>(parse_suspects(suspects_text({}))), SuspectList{});
}

TEST(SuspectsText, TheListOfAnEarlierVersionIsRead) {
    EXPECT_EQ(std::get<0>(parse_suspects("lvmpolld_suspects = 1\n"
                                         "copies = [\"LVM-a@0\", \"LVM-b@7\"]\ncomplete = 1\n")),
              (SuspectList{{{"LVM-a", 0}, Lasts::with_lv}, {{"LVM-b", 7}, Lasts::with_lv}}));
}

TEST(SuspectsText, EarlierVersionsFindEveryCopyWhereTheyLook) {
    const auto text = suspects_text(suspects);
    const auto document = config::Document::parse(text);
    ASSERT_TRUE(document);
    EXPECT_EQ(document->root().integer("lvmpolld_suspects"), 1);
    EXPECT_EQ(document->root().strings("copies").size(), suspects.size());
}

TEST(SuspectsText, TextThatIsNoneIsRefused) {
    EXPECT_EQ(suspects_reason(""), "not a list of suspect copies");
    EXPECT_EQ(suspects_reason("}{"), "not a list of suspect copies");
    EXPECT_THAT(suspects_reason("lvmpolld_suspects = 2"), HasSubstr("format 2"));
}

TEST(SuspectsText, EveryTruncationIsRefused) {
    const auto text = suspects_text(suspects);
    for (std::size_t size = 0; size < text.size() - 1; ++size)
        EXPECT_TRUE(std::holds_alternative<Unreadable>(parse_suspects(text.substr(0, size))))
            << size;
}

TEST(SuspectsText, ACopyThatMakesNoSenseIsRefused) {
    for (const auto* copy : {"a", "a@", "a@1x", "a@-1"})
        EXPECT_THAT(
            suspects_reason(replaced(suspects_text({{{"a", 7}, Lasts::with_lv}}), "a@7", copy)),
            HasSubstr("a copy"));
}

} // namespace
} // namespace lvmpolld
