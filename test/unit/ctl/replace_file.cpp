// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/replace_file.h"

#include "ctl/command.h"

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

using namespace lvmpolld::ctl;
namespace fs = std::filesystem;

namespace {

class ReplaceFile : public testing::Test {
protected:
    ReplaceFile() {
        auto pattern = (fs::temp_directory_path() / "replace.XXXXXX").string();
        directory_ = ::mkdtemp(pattern.data());
        path_ = (directory_ / "a.prom").string();
    }

    ~ReplaceFile() override { fs::remove_all(directory_); }

    std::string text() const {
        std::ifstream file(path_);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    std::size_t files() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(directory_), fs::directory_iterator()));
    }

    /// The message of Refused.
    std::string refusal(std::string_view text) const {
        try {
            replace_file(path_, text);
        } catch (const Refused& refused) {
            return refused.what();
        }
        return "none";
    }

    fs::path directory_;
    std::string path_;
};

/// Nobody can write more than that to a file, as if the disk were full then.
class FullAfter {
public:
    explicit FullAfter(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }

    ~FullAfter() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }

    FullAfter(const FullAfter&) = delete;
    FullAfter& operator=(const FullAfter&) = delete;

private:
    void (*handler_)(int);
    rlimit before_{};
};

} // namespace

TEST_F(ReplaceFile, AnyoneMayReadWhatIsWritten) {
    const auto mask = ::umask(077);
    replace_file(path_, "one\n");
    ::umask(mask);
    EXPECT_EQ(text(), "one\n");
    EXPECT_EQ(static_cast<unsigned>(fs::status(path_).permissions()), 0644U);
}

TEST_F(ReplaceFile, WhoReadsTheFormerTextReadsOn) {
    replace_file(path_, "one\n");
    std::ifstream reader(path_);
    replace_file(path_, "two\n");
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(reader), {}), "one\n");
    EXPECT_EQ(text(), "two\n");
    EXPECT_EQ(files(), 1U);
}

TEST_F(ReplaceFile, AFullDiskLeavesTheFormerText) {
    replace_file(path_, "one\n");
    const FullAfter full(100);
    EXPECT_EQ(refusal(std::string(1000, 'x')),
              "cannot write " + path_ + ": File too large. What was there is unchanged");
    EXPECT_EQ(text(), "one\n");
    EXPECT_EQ(files(), 1U);
}

TEST_F(ReplaceFile, AMissingFolderIsNamed) {
    path_ = (directory_ / "none" / "a.prom").string();
    EXPECT_EQ(refusal("x"),
              "cannot write " + path_ + ": No such file or directory. What was there is unchanged");
}

TEST_F(ReplaceFile, WhatIsNoFileStays) {
    fs::create_symlink("/dev/null", path_);
    EXPECT_EQ(refusal("x"),
              "cannot write " + path_ + ": it is no regular file, and stays as it is");
    EXPECT_TRUE(fs::is_symlink(path_));
}
