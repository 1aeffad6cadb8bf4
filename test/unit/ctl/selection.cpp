// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/selection.h"
#include "ctl/abort_decision.h"
#include "golden.h"
#include "samples.h"

#include <gtest/gtest.h>

using namespace lvmpolld;
using namespace lvmpolld::ctl;
using namespace lvmpolld::test;

namespace {

Selection selected(std::string_view text, const std::string& device = {}) {
    return {.whats = {*parse_what(text, device)}, .kinds = {}};
}

} // namespace

TEST(What, NamesAVolumeGroup) {
    EXPECT_TRUE(selected("vg0").matches(moving()));
    EXPECT_TRUE(selected("vg0").matches(merging()));
    EXPECT_FALSE(selected("vg0").matches(rebuilding()));
}

TEST(What, NamesALogicalVolume) {
    EXPECT_TRUE(selected("vg0/pvmove0").matches(moving()));
    EXPECT_FALSE(selected("vg0/pvmove0").matches(merging()));
    EXPECT_TRUE(selected("/dev/vg0/root").matches(merging()));
    EXPECT_TRUE(selected("/dev/mapper/vg--with--a--long--name-pvmove1").matches(comparing()));
}

TEST(What, NamesAPhysicalVolume) {
    EXPECT_TRUE(selected("/dev/sdb").matches(moving()));
    EXPECT_TRUE(selected("/dev/sdc").matches(moving()));
    EXPECT_FALSE(selected("/dev/sdc").matches(rebuilding()));
    EXPECT_TRUE(selected("/dev/mapper/mpatha").matches(comparing()));
}

TEST(What, IsLookedUpByTheDevice) {
    EXPECT_FALSE(selected("/dev/disk/by-id/disk-1").matches(moving()));
    EXPECT_TRUE(selected("/dev/disk/by-id/disk-1", "/dev/sdb").matches(moving()));
}

TEST(What, NamesAnIdentifier) {
    EXPECT_TRUE(selected("poll-17").matches(moving()));
    EXPECT_FALSE(selected("poll-1").matches(moving()));
}

TEST(What, IsRefusedIfNothingIsCalledSo) {
    for (const auto* const text : {"", "a b", "vg0/", "vg0/lv/x", "-vg", "vg0/l\x1b"})
        EXPECT_FALSE(parse_what(text, {})) << text;
    EXPECT_TRUE(parse_what("/", {})->vg.empty());
}

TEST(Selection, OfKinds) {
    using overview::Kind;
    Selection raids{.whats = {}, .kinds = kinds_called("raid")};
    EXPECT_TRUE(raids.matches(rebuilding()));
    EXPECT_FALSE(raids.matches(moving()));
    EXPECT_EQ(kinds_called("merge"), (std::vector{Kind::merge, Kind::merge_thin}));
    EXPECT_EQ(kinds_called("raidScrub"), (std::vector{Kind::raid_scrub}));
    EXPECT_TRUE(kinds_called("move").empty());
}

TEST(Selection, OfNothingIsAll) {
    EXPECT_TRUE(Selection{}.matches(rebuilding()));
}

TEST(Abort, OfTheOneMove) {
    const auto decision = decide_abort(under_way(), selected("/dev/sdb"), "/dev/sdb");
    EXPECT_FALSE(decision.refusal.empty()) << "two moves read /dev/sdb";
    const auto one = decide_abort({moving(), merging()}, selected("vg0/pvmove0"), "vg0/pvmove0");
    EXPECT_EQ(one.refusal, "");
    EXPECT_EQ(one.physical_volume, "/dev/sdb");
    EXPECT_EQ(one.move, moving());
}

TEST(Abort, NeverAgainstAnAbortOrAnEnd) {
    auto abort = moving();
    abort.store = overview::StoreKind::abort;
    EXPECT_TRUE(decide_abort({abort, completed()}, selected("vg0"), "vg0").nothing_such);
}

TEST(Abort, RefusesAndSaysWhatIsPossible) {
    using overview::Kind;
    std::string text;
    const auto add = [&](const std::vector<overview::Entry>& entries, const char* what) {
        text += decide_abort(entries, selected(what), what).refusal + "\n";
    };
    add(under_way(), "vg0");
    add(under_way(), "vg9");
    for (const auto kind : {Kind::convert, Kind::merge, Kind::merge_thin,
                            Kind::raid_synchronisation, Kind::raid_rebuild, Kind::raid_reshape,
                            Kind::raid_scrub, Kind::cache_flush, Kind::writecache_flush}) {
        auto entry = rebuilding();
        entry.kind = kind;
        add({entry}, "vg1");
    }
    auto hidden = moving();
    hidden.reads_from.clear();
    add({hidden}, "vg0");
    expect_golden("abort-refusals", text);
}
