// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/pidfile.h"

#include "base/forked.h"
#include "base/temporary_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>

namespace lvmpolld {
namespace {

using testing::HasSubstr;

class PidfileTest : public testing::Test {
protected:
    static std::string content_of(const std::string& path) {
        std::ifstream file(path);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    /// What another process that wants the pidfile is told.
    std::string attempt_of_another_process() const {
        return forked([this]() -> std::string {
            try {
                const Pidfile pidfile(path);
                return "taken";
            } catch (const PidfileError& error) {
                return std::string("refused: ") + error.what();
            }
        });
    }

    TemporaryFolder folder;
    std::string path = folder / "lvmpolld.pid";
};

TEST_F(PidfileTest, HoldsThePidAndGoesAtTheEnd) {
    {
        const Pidfile pidfile(path);
        EXPECT_EQ(content_of(path), std::to_string(::getpid()) + "\n");
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(PidfileTest, AFileThatACrashedDaemonHasLeftIsTakenOver) {
    std::ofstream(path) << "4294967295 and more\n";
    const Pidfile pidfile(path);
    EXPECT_EQ(content_of(path), std::to_string(::getpid()) + "\n");
}

TEST_F(PidfileTest, KeepsAnotherDaemonOut) {
    const Pidfile pidfile(path);
    EXPECT_THAT(attempt_of_another_process(), HasSubstr("refused: another lvmpolld is running"));
    EXPECT_THAT(attempt_of_another_process(), HasSubstr(path));
    EXPECT_EQ(content_of(path), std::to_string(::getpid()) + "\n")
        << "who fails leaves the file as it is";
}

TEST_F(PidfileTest, LetsAnotherDaemonInAfterTheEnd) {
    std::optional<Pidfile> pidfile(path);
    pidfile.reset();
    EXPECT_EQ(attempt_of_another_process(), "taken");
}

TEST_F(PidfileTest, TheLockOfADeadProcessIsGone) {
    EXPECT_EQ(forked([this]() -> std::string {
                  new Pidfile(path); // and dies without its destructor
                  return "";
              }),
              "");
    ASSERT_TRUE(std::filesystem::exists(path));
    EXPECT_EQ(attempt_of_another_process(), "taken");
}

TEST_F(PidfileTest, DoesNotFollowASymbolicLink) {
    std::filesystem::create_symlink(folder / "elsewhere", path);
    EXPECT_THROW(Pidfile{path}, PidfileError);
    EXPECT_FALSE(std::filesystem::exists(folder / "elsewhere"));
}

TEST_F(PidfileTest, AFailureNamesTheFile) {
    try {
        const Pidfile pidfile(folder / "missing/lvmpolld.pid");
        FAIL();
    } catch (const PidfileError& error) {
        EXPECT_THAT(error.what(), HasSubstr("missing/lvmpolld.pid"));
        EXPECT_THAT(error.what(), HasSubstr("No such file or directory"));
    }
}

TEST_F(PidfileTest, IsNotHandedOnToChildren) {
    const Pidfile pidfile(path);
    int found = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code gone; // the iterator's own
        if (std::filesystem::read_symlink(entry.path(), gone) != path)
            continue;
        ++found;
        EXPECT_EQ(::fcntl(std::stoi(entry.path().filename()), F_GETFD), FD_CLOEXEC);
    }
    EXPECT_EQ(found, 1);
}

} // namespace
} // namespace lvmpolld
