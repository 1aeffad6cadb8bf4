// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/programs.h"

#include <gtest/gtest.h>

using namespace lvmpolld::ctl;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> shell(const char* script) {
    return {"sh", "-c", script};
}

} // namespace

TEST(Programs, OutputWithOrWithoutErrors) {
    EXPECT_EQ(capture(shell("echo a; echo b >&2; exit 5"), {}).text, "a\n");
    const auto captured = capture(shell("echo a; echo b >&2; exit 5"), {.errors = true});
    EXPECT_EQ(captured.text, "a\nb\n");
    EXPECT_EQ(captured.status, 5);
    EXPECT_EQ(captured.trouble, "");
    EXPECT_EQ(capture(shell("kill -9 $$"), {}).status, 137);
}

TEST(Programs, OutputBeyondTheBoundIsCut) {
    const auto captured = capture(shell("head -c 300000 /dev/zero"), {.most = 1000});
    EXPECT_EQ(captured.text.size(), 1000U);
    EXPECT_TRUE(captured.cut);
    EXPECT_EQ(captured.status, 0) << "it was read to its end";
}

TEST(Programs, OneThatDoesNotEndIsEnded) {
    const auto captured = capture(shell("echo a; exec sleep 1000"), {.patience = 100ms});
    EXPECT_EQ(captured.text, "a\n");
    EXPECT_EQ(captured.trouble, "sh did not end within 0 s");
}

TEST(Programs, OneThatPrintsForEverIsEnded) {
    const auto captured = capture({"yes"}, {.patience = 100ms, .most = 10});
    EXPECT_EQ(captured.text.size(), 10U);
    EXPECT_NE(captured.trouble, "");
}

TEST(Programs, OthersThatHoldThePipeAreNotWaitedFor) {
    const auto captured = capture(shell("sleep 1000 & echo $!"), {});
    EXPECT_EQ(captured.trouble, "");
    ASSERT_FALSE(captured.text.empty());
    EXPECT_EQ(capture(shell(("kill " + captured.text).c_str()), {}).status, 0);
}

TEST(Programs, OneThatIsNotThereIsNamed) {
    EXPECT_EQ(capture({"no-such-program"}, {}).trouble,
              "cannot run no-such-program: No such file or directory");
    EXPECT_FALSE(output_of({"no-such-program"}));
}
