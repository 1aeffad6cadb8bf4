// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/measurements.h"

#include "base/statistics.h"
#include "golden.h"
#include "samples.h"
#include "varlink/client.h"
#include "varlink/reply.h"

#include <gtest/gtest.h>

using namespace lvmpolld;
using namespace lvmpolld::ctl;
using namespace lvmpolld::test;
using namespace std::chrono_literals;

namespace {

using Format = Exposition::Format;

overview::Entry aborting() {
    auto entry = moving();
    entry.store = overview::StoreKind::abort;
    entry.bytes_done.reset();
    entry.bytes_total.reset();
    entry.bytes_per_second.reset();
    return entry;
}

overview::Entry refused() {
    auto entry = failed();
    entry.lv = "pvmove9";
    entry.verification = Verification::different;
    return entry;
}

/// What a daemon says that has done something.
varlink::Json counted() {
    Statistics statistics;
    statistics.requests.hello.add(3);
    statistics.requests.starts[0].add(2);
    statistics.requests.starts[Statistics::abort].add();
    statistics.ended[0].failed.add();
    statistics.steps.add(7);
    statistics.bytes_compared.add(std::uint64_t{3} << 30);
    statistics.refused_copies.add();
    for (const auto duration : {8us, 30us, 30us, 700us, 20'000'000us})
        statistics.latency.add(duration);
    auto text = varlink::reply::statistics(statistics);
    text.pop_back(); // the end of a message
    auto json = varlink::parse_reply(text).value().parameters;
    json["started"] = (now - 3600s).count();
    return json;
}

Measurements everything() {
    Measurements measured{.runs = true, .answers = true, .entries = under_way(), .now = now};
    for (const auto& entry : {aborting(), failed(), completed(), refused()})
        measured.entries.push_back(entry);
    measured.statistics = counted();
    return measured;
}

std::string text_of(const overview::Entry& entry) {
    return metrics_text({.entries = {entry}, .now = now}, Format::prometheus);
}

/// Of the only sample of that family.
std::string value_of(const std::string& family, const overview::Entry& entry) {
    const auto text = text_of(entry);
    const auto sample = text.find("\n" + family + "{");
    if (sample == text.npos)
        return "none";
    const auto end = text.find('\n', sample + 1);
    const auto begin = text.rfind(' ', end) + 1;
    return text.substr(begin, end - begin);
}

} // namespace

TEST(Metrics, OfAllSorts) {
    expect_golden("metrics", metrics_text(everything(), Format::openmetrics));
}

TEST(Metrics, ForATextfile) {
    expect_golden("metrics.prom", metrics_text(everything(), Format::prometheus));
}

TEST(Metrics, WithoutADaemon) {
    auto entry = unpolled();
    entry.last_progress.reset();
    expect_golden("metrics-kernel",
                  metrics_text({.entries = {entry}, .now = now}, Format::openmetrics));
}

TEST(Metrics, BesideADaemonThatHangs) {
    const auto text = metrics_text({.runs = true, .now = now}, Format::openmetrics);
    EXPECT_NE(text.find("\nlvmpolld_running 1\n"), text.npos);
    EXPECT_NE(text.find("\nlvmpolld_up 0\n"), text.npos);
}

TEST(Metrics, WhatTheDaemonDoesNotCountIsLeftOut) {
    const auto text =
        metrics_text({.statistics = varlink::Json::parse(
                          R"({"steps":4,"requests":{"hello":"x"},"latency":[{"requests":1}]})")},
                     Format::openmetrics);
    EXPECT_NE(text.find("\nlvmpolld_steps_total 4\n"), text.npos);
    EXPECT_EQ(text.find("lvmpolld_requests"), text.npos);
    EXPECT_EQ(text.find("lvmpolld_request_duration_seconds"), text.npos);
}

TEST(Metrics, ProgressAgesFromTheBeginIfThereWasNone) {
    const std::string family = "lvmpolld_operation_progress_age_seconds";
    auto entry = moving();
    EXPECT_EQ(value_of(family, entry), "1");
    entry.last_progress.reset();
    EXPECT_EQ(value_of(family, entry), "75");
    entry.last_progress = *entry.started - 60s; // of an operation before it
    EXPECT_EQ(value_of(family, entry), "75");
    entry.started.reset();
    entry.last_progress.reset();
    EXPECT_EQ(value_of(family, entry), "none");
}

TEST(Metrics, AClockSetBackMakesNoNegativeAge) {
    auto entry = moving();
    entry.started = entry.last_progress = now + 5s;
    EXPECT_EQ(value_of("lvmpolld_operation_age_seconds", entry), "0");
    EXPECT_EQ(value_of("lvmpolld_operation_progress_age_seconds", entry), "0");
}

TEST(Metrics, NothingToCopyHasNoRatio) {
    auto entry = moving();
    entry.bytes_done = entry.bytes_total = 0;
    EXPECT_EQ(value_of("lvmpolld_operation_progress_ratio", entry), "none");
    EXPECT_EQ(value_of("lvmpolld_operation_size_bytes", entry), "0");
}

TEST(Metrics, OfEqualFailuresTheLastOneCounts) {
    auto earlier = failed();
    earlier.finished = now - 1h;
    const auto text =
        metrics_text({.entries = {earlier, failed()}, .now = now}, Format::prometheus);
    EXPECT_NE(text.find("result=\"failed\"} 1764124181\n"), text.npos);
    EXPECT_EQ(text.find(" 1764120584\n"), text.npos);
}

TEST(Metrics, TheSystemDirectoryTellsOperationsApart) {
    auto other = moving();
    other.sysdir = "/etc/\"lvm\"\n";
    const auto text = metrics_text({.entries = {moving(), other}, .now = now}, Format::prometheus);
    EXPECT_NE(text.find("type=\"pvmove\"} 75\n"), text.npos);
    EXPECT_NE(text.find("system_directory=\"/etc/\\\"lvm\\\"\\n\"} 75\n"), text.npos);
}
