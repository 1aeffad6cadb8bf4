// SPDX-License-Identifier: LGPL-2.1-or-later
#include "state/crash_history.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lvmpolld {
namespace {

constexpr std::int64_t then = 1000;
constexpr std::int64_t now = 2000;
constexpr TakenUp poll_17 = 17 << 1;
constexpr TakenUp abort_17 = poll_17 | 1;

TEST(CrashHistory, DecidesWhatTheNextDaemonDoes) {
    struct Case {
        std::string what;
        CrashHistory before;
        NextLife life;
    };

    const std::vector<Case> cases{
        {"the first of all", {}, {.history = {.runs = true}}},
        {"after an ordered end, which ends a row of crashes",
         {.crashes = 2, .last_crash = then},
         {.history = {.runs = true, .last_crash = then}}},
        {"after an ordered end in the middle of a take-up",
         {.at_hand = poll_17, .accused = poll_17, .deaths = 2},
         {.history = {.runs = true}}},
        {"after a crash that no file is to blame for",
         {.runs = true},
         {.history = {.runs = true, .crashes = 1, .last_crash = now}, .after_crash = true}},
        {"after a second crash",
         {.runs = true, .crashes = 1, .last_crash = then},
         {.history = {.runs = true, .crashes = 2, .last_crash = now}, .after_crash = true}},
        {"after a crash that ends a row of deaths over a file",
         {.runs = true, .crashes = 2, .accused = poll_17, .deaths = 2},
         {.history = {.runs = true, .crashes = 3, .last_crash = now}, .after_crash = true}},
        {"after the first death over a file",
         {.runs = true, .at_hand = poll_17},
         {.history =
              {.runs = true, .crashes = 1, .last_crash = now, .accused = poll_17, .deaths = 1},
          .after_crash = true}},
        {"after the second death over a file",
         {.runs = true, .at_hand = poll_17, .crashes = 1, .accused = poll_17, .deaths = 1},
         {.history =
              {.runs = true, .crashes = 2, .last_crash = now, .accused = poll_17, .deaths = 2},
          .after_crash = true}},
        {"after a third death over a file, which need not be the file's fault",
         {.runs = true, .at_hand = poll_17, .crashes = 2, .accused = poll_17, .deaths = 2},
         {.history =
              {.runs = true, .crashes = 3, .last_crash = now, .accused = poll_17, .deaths = 3},
          .after_crash = true}},
        {"after a fault over a file that another was killed over",
         {.runs = true,
          .at_hand = poll_17,
          .crashes = 1,
          .accused = poll_17,
          .deaths = 1,
          .own_fault = true},
         {.history = {.runs = true,
                      .crashes = 2,
                      .last_crash = now,
                      .accused = poll_17,
                      .deaths = 2,
                      .faults = 1},
          .after_crash = true}},
        {"after the third fault over a file",
         {.runs = true,
          .at_hand = poll_17,
          .crashes = 3,
          .accused = poll_17,
          .deaths = 3,
          .faults = 2,
          .own_fault = true},
         {.history = {.runs = true, .crashes = 4, .last_crash = now},
          .after_crash = true,
          .to_set_aside = poll_17,
          .reason = "4 daemons in a row have died over it, 3 of them by their own fault"}},
        {"after the tenth death over a file",
         {.runs = true, .at_hand = poll_17, .crashes = 9, .accused = poll_17, .deaths = 9},
         {.history = {.runs = true, .crashes = 10, .last_crash = now},
          .after_crash = true,
          .to_set_aside = poll_17,
          .reason = "10 daemons in a row have died over it, 0 of them by their own fault"}},
        {"after a death over another file",
         {.runs = true,
          .at_hand = abort_17,
          .crashes = 2,
          .accused = poll_17,
          .deaths = 2,
          .faults = 2},
         {.history =
              {.runs = true, .crashes = 3, .last_crash = now, .accused = abort_17, .deaths = 1},
          .after_crash = true}},
        {"after a third fault over the list of suspect copies",
         {.runs = true,
          .at_hand = suspects_taken_up,
          .crashes = 2,
          .accused = suspects_taken_up,
          .deaths = 2,
          .faults = 2,
          .own_fault = true},
         {.history = {.runs = true, .crashes = 3, .last_crash = now},
          .after_crash = true,
          .to_set_aside = suspects_taken_up,
          .reason = "3 daemons in a row have died over it, 3 of them by their own fault"}},
        {"after a fault that no file is to blame for",
         {.runs = true, .own_fault = true},
         {.history = {.runs = true, .crashes = 1, .last_crash = now}, .after_crash = true}},
        {"of a file that nobody has counted right",
         {.runs = true, .at_hand = poll_17, .accused = poll_17, .deaths = 900},
         {.history = {.runs = true, .crashes = 1, .last_crash = now},
          .after_crash = true,
          .to_set_aside = poll_17,
          .reason = "901 daemons in a row have died over it, 0 of them by their own fault"}},
    };
    for (const auto& each : cases)
        EXPECT_EQ(next_life(each.before, now), each.life) << each.what;
}

TEST(CrashHistory, NamesTheFileThatIsTakenUp) {
    EXPECT_EQ(file_of(taken_up_record(false, 17)), "poll-17");
    EXPECT_EQ(file_of(taken_up_record(true, 17)), "abort-17");
    EXPECT_EQ(file_of(suspects_taken_up), "suspects");
    EXPECT_EQ(taken_up_record(false, ~RecordNumber{0}), nothing_taken_up);
}

} // namespace
} // namespace lvmpolld
