// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/temporary_folder.h"
#include "base/text_file.h"
#include "ctl/verbs.h"

#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <string>

namespace lvmpolld::ctl {
namespace {

/// A file in the place of the kernel's parameter.
struct ThrottleTest : testing::Test {
    TemporaryFolder folder;
    const std::string parameter = folder / "raid1_resync_throttle";

    void module_has(const std::string& text) { std::ofstream(parameter) << text; }

    /// What it prints.
    std::string run(std::optional<unsigned> percent, bool json = false) {
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        EXPECT_EQ(
            run_throttle({.verb = Verb::throttle, .percent = percent, .json = json}, parameter),
            exit_done);
        warning = testing::internal::GetCapturedStderr();
        return testing::internal::GetCapturedStdout();
    }

    std::string warning;
};

TEST_F(ThrottleTest, IsShownWithoutAPercentage) {
    module_has("100\n");
    EXPECT_EQ(run(std::nullopt), "Mirrors copy in 100% of the time.\n");
    EXPECT_EQ(warning, "");
    EXPECT_EQ(read_text_file(parameter.c_str()), "100\n");
}

TEST_F(ThrottleTest, IsSetWithOneAndWarnsOfTheWholeHost) {
    module_has("100\n");
    EXPECT_EQ(run(50), "Mirrors copy in 50% of the time.\n");
    EXPECT_EQ(read_text_file(parameter.c_str()), "50");
    EXPECT_NE(warning.find("all moves and mirrors of this host"), warning.npos);
}

TEST_F(ThrottleTest, IsANumberInJson) {
    module_has("100\n");
    EXPECT_EQ(run(7, true), "{\"percent\":7}\n");
    EXPECT_EQ(run(std::nullopt, true), "{\"percent\":7}\n");
}

TEST_F(ThrottleTest, WithoutTheModuleNamesTheWayOut) {
    try {
        run_throttle({.verb = Verb::throttle}, parameter);
        FAIL() << "there is no throttle";
    } catch (const Refused& refused) {
        EXPECT_EQ(refused.code, exit_nothing);
        EXPECT_NE(std::string(refused.what()).find("modprobe dm-mirror"), std::string::npos);
    }
}

} // namespace
} // namespace lvmpolld::ctl
