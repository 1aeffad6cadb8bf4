// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wire/framing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace lvmpolld::wire {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

void feed(Framing& framing, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto space = framing.space();
        const auto size = std::min(space.size(), bytes.size());
        std::copy_n(bytes.begin(), size, space.begin());
        framing.received(size);
        bytes.remove_prefix(size);
    }
}

std::vector<std::string> messages(Framing& framing) {
    std::vector<std::string> messages;
    for (auto next = framing.next();; next = framing.next()) {
        const auto* const message = std::get_if<std::string_view>(&next);
        if (!message)
            return messages;
        messages.emplace_back(*message);
    }
}

bool too_long(Framing& framing) {
    return std::holds_alternative<Framing::TooLong>(framing.next());
}

TEST(Framing, HasNothingAtFirst) {
    Framing framing;
    EXPECT_THAT(messages(framing), IsEmpty());
    EXPECT_FALSE(framing.partial());
    EXPECT_FALSE(framing.space().empty());
}

TEST(Framing, YieldsAMessageWithoutItsTerminator) {
    Framing framing;
    feed(framing, "request=\"hello\"\n##\n");
    EXPECT_THAT(messages(framing), ElementsAre("request=\"hello\""));
    EXPECT_FALSE(framing.partial());
}

TEST(Framing, YieldsEveryPipelinedMessage) {
    Framing framing;
    feed(framing, "a\n##\nb\n##\n\n##\nc");
    EXPECT_THAT(messages(framing), ElementsAre("a", "b", ""));
    EXPECT_TRUE(framing.partial());
    feed(framing, "d\n##\n");
    EXPECT_THAT(messages(framing), ElementsAre("cd"));
}

TEST(Framing, TakesAMessageSplitAtAnyByte) {
    const std::string_view bytes = "ab\n#\n##\ncd\n\n##\n";
    for (std::size_t split = 1; split < bytes.size(); ++split) {
        Framing framing;
        feed(framing, bytes.substr(0, split));
        auto got = messages(framing);
        feed(framing, bytes.substr(split));
        for (auto& message : messages(framing))
            got.push_back(message);
        EXPECT_THAT(got, ElementsAre("ab\n#", "cd\n")) << split;
    }
}

TEST(Framing, TakesAMessageByteByByte) {
    Framing framing;
    std::vector<std::string> got;
    for (const char byte : std::string_view("a\n##b\n##\n\n##\n")) {
        feed(framing, {&byte, 1});
        for (auto& message : messages(framing))
            got.push_back(message);
    }
    EXPECT_THAT(got, ElementsAre("a\n##b", ""));
}

TEST(Framing, ATerminatorNeedsItsFirstNewline) {
    Framing framing;
    feed(framing, "##\n");
    EXPECT_THAT(messages(framing), IsEmpty());
    EXPECT_TRUE(framing.partial());
    feed(framing, "\n##\n");
    EXPECT_THAT(messages(framing), ElementsAre("##\n"));
}

TEST(Framing, TerminatorsDontOverlap) {
    Framing framing;
    feed(framing, "a\n##\n##\n");
    EXPECT_THAT(messages(framing), ElementsAre("a"));
    EXPECT_TRUE(framing.partial());
}

TEST(Framing, KeepsNulInAMessage) {
    Framing framing;
    feed(framing, std::string_view("a\0b\n##\n", 7));
    EXPECT_THAT(messages(framing), ElementsAre(std::string("a\0b", 3)));
}

TEST(Framing, TakesAMessageOfExactlyTheLimit) {
    Framing framing(5);
    feed(framing, "12345\n##\n");
    EXPECT_THAT(messages(framing), ElementsAre("12345"));
    EXPECT_FALSE(too_long(framing));
}

TEST(Framing, ReportsALongerMessageForGood) {
    Framing framing(5);
    feed(framing, "a\n##\n123456\n##\nb\n##\n");
    EXPECT_THAT(messages(framing), ElementsAre("a"));
    EXPECT_TRUE(too_long(framing));
    feed(framing, "c\n##\n");
    EXPECT_TRUE(too_long(framing));
}

TEST(Framing, ReportsATooLongMessageBeforeItsEnd) {
    Framing framing(5);
    feed(framing, "12345\n##");
    EXPECT_FALSE(too_long(framing));
    feed(framing, "6");
    EXPECT_TRUE(too_long(framing));
}

TEST(Framing, TakesALargeMessageInSmallPieces) {
    const std::string body(limits::request_bytes, '\n');
    Framing framing;
    std::string_view rest = body;
    while (!rest.empty()) {
        const auto piece = rest.substr(0, 100);
        feed(framing, piece);
        ASSERT_TRUE(std::holds_alternative<Framing::Incomplete>(framing.next()));
        rest.remove_prefix(piece.size());
    }
    feed(framing, terminator);
    const auto got = messages(framing);
    ASSERT_EQ(got.size(), 1U);
    EXPECT_TRUE(got[0] == body);
}

TEST(Framing, GivesALargeBufferBack) {
    Framing framing;
    feed(framing, std::string(100'000, 'x'));
    feed(framing, terminator);
    EXPECT_EQ(messages(framing).size(), 1U);
    EXPECT_LT(framing.space().size(), 10'000U);
}

} // namespace
} // namespace lvmpolld::wire
