// SPDX-License-Identifier: LGPL-2.1-or-later
#include "operation/operation_event.h"

#include "operation/store.h"
#include "operation/test_request.h"

#include <gmock/gmock.h>

#include <array>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace lvmpolld {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Key;
using testing::Not;
using testing::Pair;

using Event = OperationEvent;

constexpr std::array events{Event::began, Event::stalled, Event::refused, Event::completed,
                            Event::failed};

std::string catalogue() {
    std::ostringstream text;
    text << std::ifstream(CATALOGUE).rdbuf();
    return text.str();
}

/// The catalogue's entry of the event, up to the next one.
std::string explanation(Event event) {
    const auto text = catalogue();
    const auto begin = text.find("-- " + std::string(message_id(event)) + "\n");
    return begin == text.npos ? "" : text.substr(begin, text.find("\n-- ", begin) - begin);
}

std::shared_ptr<Operation> accepted(Store& store, PollRequest request = poll_request("lvid")) {
    return std::get<Store::Accepted>(store.accept(std::move(request))).operation;
}

TEST(MessageId, IsA128BitNumberOfEachEventAlone) {
    std::set<std::string_view> all;
    for (const auto event : events) {
        all.insert(message_id(event));
        EXPECT_THAT(std::string(message_id(event)), testing::MatchesRegex("[0-9a-f]{32}"));
    }
    EXPECT_EQ(all.size(), events.size());
}

TEST(MessageId, IsInTheCatalogueWithWhatToDo) {
    for (const auto event : events) {
        const auto text = explanation(event);
        EXPECT_THAT(text, testing::HasSubstr("\nSubject: "));
        EXPECT_THAT(text, testing::HasSubstr("\nDefined-By: lvmpolld\n"));
        EXPECT_THAT(text, testing::HasSubstr("@LVM_VG@/@LVM_LV@"));
        EXPECT_TRUE(text.find('`') != text.npos) << "a command: " << text;
    }
}

TEST(MessageId, TheCatalogueHasNoOther) {
    std::size_t entries = 0;
    std::istringstream lines(catalogue());
    for (std::string line; std::getline(lines, line);)
        entries += line.starts_with("-- ") ? 1U : 0U;
    EXPECT_EQ(entries, events.size());
}

TEST(FieldsOf, ARequestNameItsLv) {
    EXPECT_THAT(fields_of(poll_request("lvid")),
                ElementsAre(Pair("LVM_VG", "vg"), Pair("LVM_LV", "lv"), Pair("LVM_LVID", "lvid"),
                            Pair("LVM_OPERATION", "pvmove")));
    EXPECT_THAT(fields_of(abort_request()), Contains(Pair("LVM_OPERATION", "abort")));
}

TEST(FieldsOf, ABeginHaveNoResult) {
    Store store{Retention{}};
    const auto fields = fields_of(*accepted(store), Event::began);
    EXPECT_THAT(fields, Contains(Pair("MESSAGE_ID", message_id(Event::began))));
    EXPECT_THAT(fields, Not(Contains(Key("LVM_RESULT"))));
    EXPECT_THAT(fields, Not(Contains(Key("LVM_BYTES"))));
    EXPECT_THAT(fields, Not(Contains(Key("LVM_DURATION_USEC"))));
}

TEST(FieldsOf, AnEndTellResultBytesAndDuration) {
    Store store{Retention{}};
    const auto operation = accepted(store);
    operation->set_progress({.copied = 8, .total = 8});
    const auto fields = fields_of(*operation, Event::completed, Exited{0});
    EXPECT_THAT(fields, Contains(Pair("MESSAGE_ID", message_id(Event::completed))));
    EXPECT_THAT(fields, Contains(Pair("LVM_RESULT", "completed")));
    EXPECT_THAT(fields, Contains(Pair("LVM_BYTES", "4096")));
    EXPECT_THAT(fields, Contains(Pair("LVM_DURATION_USEC", testing::MatchesRegex("[0-9]+"))));
}

TEST(FieldsOf, EachResultHasItsWord) {
    Store store{Retention{}};
    const auto operation = accepted(store);
    const auto result = [&](Event event, const Result& how) {
        for (const auto& [name, value] : fields_of(*operation, event, how))
            if (name == "LVM_RESULT")
                return value;
        return std::string();
    };
    EXPECT_EQ(result(Event::failed, Exited{5}), "failed");
    EXPECT_EQ(result(Event::failed, Killed{9}), "killed");
    EXPECT_EQ(result(Event::failed, PollingFailed{}), "unknown");
    EXPECT_EQ(result(Event::refused, Exited{5}), "refused");
}

TEST(EventOf, OnlyExitStatus0IsSuccess) {
    EXPECT_EQ(event_of(Exited{0}), Event::completed);
    EXPECT_EQ(event_of(Exited{5}), Event::failed);
    EXPECT_EQ(event_of(Killed{15}), Event::failed);
    EXPECT_EQ(event_of(PollingFailed{}), Event::failed);
}

} // namespace
} // namespace lvmpolld
