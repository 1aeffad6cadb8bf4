// SPDX-License-Identifier: LGPL-2.1-or-later
#include "overview/overview.h"

#include "overview/filter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lvmpolld::overview {

namespace {

Entry entry(std::string identifier, State state = State::watching, std::uint64_t done = 0) {
    Entry result{.identifier = std::move(identifier)};
    result.state = state;
    result.bytes_done = done;
    if (state == State::finished)
        result.result = Outcome{.ending = Ending::completed};
    return result;
}

/// What a follower that has seen all up to `seen` is shown: "poll-1:17".
std::vector<std::string> changes(Overview& overview, Overview::Number& seen) {
    std::vector<std::string> result;
    for (auto* item = overview.next_changed(seen); item != nullptr;
         item = overview.next_changed(seen)) {
        seen = item->changed;
        result.push_back(item->entry.identifier + ":" + std::to_string(*item->entry.bytes_done));
    }
    return result;
}

using Texts = std::vector<std::string>;

} // namespace

TEST(Overview, ShowsAFollowerEachChangeOnce) {
    Overview overview(10);
    Overview::Number seen = 0;
    EXPECT_TRUE(overview.update({entry("a"), entry("b")}));
    EXPECT_EQ(changes(overview, seen), (Texts{"a:0", "b:0"}));
    EXPECT_FALSE(overview.update({entry("a"), entry("b")}));
    EXPECT_EQ(changes(overview, seen), Texts{});
    EXPECT_TRUE(overview.update({entry("a"), entry("b", State::watching, 5)}));
    EXPECT_EQ(changes(overview, seen), Texts{"b:5"});
}

TEST(Overview, ASlowFollowerMissesOnlyWhatIsOutdated) {
    Overview overview(10);
    Overview::Number seen = 0;
    for (std::uint64_t done = 1; done <= 9; ++done)
        overview.update(
            {entry("a", State::watching, done), entry("b", State::watching, 10 * done)});
    EXPECT_EQ(changes(overview, seen), (Texts{"a:9", "b:90"}));
}

TEST(Overview, KeepsResultsAsLongAsThereIsRoom) {
    Overview overview(2);
    Overview::Number seen = 0;
    overview.update({entry("a", State::finished), entry("b", State::finished)});
    EXPECT_FALSE(overview.has_lost(seen));
    overview.update({entry("c", State::finished)});
    EXPECT_TRUE(overview.has_lost(seen));
    EXPECT_EQ(changes(overview, seen), (Texts{"b:0", "c:0"}));
    EXPECT_FALSE(overview.has_lost(seen));
}

TEST(Overview, WhatIsMissingHasEndedSomehow) {
    Overview overview(10);
    overview.update({entry("a"), entry("b")});
    overview.update({entry("b")});
    const auto* ended = overview.next_born(0);
    ASSERT_NE(ended, nullptr);
    EXPECT_EQ(ended->entry.identifier, "a");
    EXPECT_EQ(ended->entry.state, State::finished);
    EXPECT_EQ(ended->entry.result.value().ending, Ending::unknown);
    EXPECT_TRUE(overview.has_any_under_way());
}

TEST(Overview, AResultDoesNotChangeAnyMore) {
    Overview overview(10);
    Overview::Number seen = 0;
    overview.update({entry("a", State::finished, 3)});
    overview.update({entry("a", State::finished, 4)});
    overview.update({});
    EXPECT_EQ(changes(overview, seen), Texts{"a:3"});
    EXPECT_FALSE(overview.has_any_under_way());
}

TEST(Overview, AListIsInTheOrderOfBirth) {
    Overview overview(10);
    overview.update({entry("b"), entry("a")});
    overview.update({entry("b"), entry("a", State::watching, 1), entry("c")});
    Texts listed;
    for (auto* item = overview.next_born(0); item != nullptr; item = overview.next_born(item->born))
        listed.push_back(item->entry.identifier);
    EXPECT_EQ(listed, (Texts{"b", "a", "c"}));
}

TEST(Overview, AChangeDropsWhatReadersHaveMadeOfIt) {
    Overview overview(10);
    overview.update({entry("a")});
    overview.next_born(0)->text = "made";
    overview.update({entry("a")});
    EXPECT_EQ(overview.next_born(0)->text, "made");
    overview.update({entry("a", State::watching, 1)});
    EXPECT_EQ(overview.next_born(0)->text, "");
}

TEST(Filter, AnAbsentFieldHoldsForAll) {
    EXPECT_TRUE(Filter{}.matches(entry("a")));
}

TEST(Filter, EachFieldHasToAgree) {
    auto move = entry("a");
    move.vg = "vg0";
    move.lv = "pvmove0";
    move.store = StoreKind::poll;
    move.reads_from = {"/dev/sda"};
    move.writes_to = {"/dev/sdb"};
    EXPECT_TRUE((Filter{.vg = "vg0", .lv = "pvmove0"}.matches(move)));
    EXPECT_FALSE((Filter{.vg = "vg1", .lv = "pvmove0"}.matches(move)));
    EXPECT_FALSE((Filter{.vg = "vg0", .lv = "lv"}.matches(move)));
    EXPECT_TRUE((Filter{.physical_volume = "/dev/sda"}.matches(move)));
    EXPECT_TRUE((Filter{.physical_volume = "/dev/sdb"}.matches(move)));
    EXPECT_FALSE((Filter{.physical_volume = "/dev/sdc"}.matches(move)));
    EXPECT_TRUE((Filter{.store = StoreKind::poll}.matches(move)));
    EXPECT_FALSE((Filter{.store = StoreKind::abort}.matches(move)));
    EXPECT_TRUE((Filter{.kinds = {{Kind::merge, Kind::pvmove}}}.matches(move)));
    EXPECT_FALSE((Filter{.kinds = {{Kind::merge}}}.matches(move)));
    EXPECT_FALSE((Filter{.states = {{State::finished}}}.matches(move)));
    EXPECT_FALSE((Filter{.polled_by = PolledBy::nobody}.matches(move)));
}

} // namespace lvmpolld::overview
