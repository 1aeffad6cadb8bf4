// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/file_descriptor.h"

#include "base/error.h"

#include <fcntl.h>

#include <gtest/gtest.h>

#include <type_traits>
#include <utility>

namespace lvmpolld {
namespace {

int open_null() {
    return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

bool is_open(int descriptor) {
    return ::fcntl(descriptor, F_GETFD) >= 0;
}

TEST(FileDescriptor, OwnsNothingAtFirst) {
    const FileDescriptor none;
    EXPECT_FALSE(none);
    EXPECT_EQ(none.get(), -1);
}

TEST(FileDescriptor, ClosesAtTheEndOfItsLife) {
    const int raw = open_null();
    {
        const FileDescriptor file(raw);
        EXPECT_TRUE(file);
        EXPECT_EQ(file.get(), raw);
        EXPECT_TRUE(is_open(raw));
    }
    EXPECT_FALSE(is_open(raw));
}

TEST(FileDescriptor, DescriptorZeroIsOne) {
    FileDescriptor file(0);
    EXPECT_TRUE(file);
    EXPECT_EQ(file.release(), 0);
}

TEST(FileDescriptor, HasOneOwner) {
    static_assert(!std::is_copy_constructible_v<FileDescriptor>);
    static_assert(!std::is_copy_assignable_v<FileDescriptor>);
    static_assert(!std::is_convertible_v<int, FileDescriptor>, "adoption is explicit");
    const int raw = open_null();
    FileDescriptor first(raw);
    FileDescriptor second(std::move(first));
    EXPECT_EQ(second.get(), raw);
    EXPECT_EQ(first.get(), -1); // NOLINT(bugprone-use-after-move)
    EXPECT_TRUE(is_open(raw));
}

TEST(FileDescriptor, AssignmentClosesWhatItOwned) {
    const int old = open_null();
    const int raw = open_null();
    FileDescriptor file(old);
    file = FileDescriptor(raw);
    EXPECT_FALSE(is_open(old));
    EXPECT_TRUE(is_open(raw));
}

TEST(FileDescriptor, AssignmentToItselfKeepsTheDescriptor) {
    FileDescriptor file(open_null());
    auto& same = file;
    file = std::move(same);
    EXPECT_TRUE(is_open(file.get()));
}

TEST(FileDescriptor, ReleaseGivesUpWithoutClosing) {
    FileDescriptor file(open_null());
    const int raw = file.release();
    EXPECT_FALSE(file);
    EXPECT_TRUE(is_open(raw));
    file.reset(raw);
    file.reset();
    EXPECT_FALSE(is_open(raw));
}

TEST(Error, NamesTheThingAndCarriesErrno) {
    errno = ENOENT;
    try {
        throw_errno("cannot open /x");
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
        EXPECT_STREQ(error.what(), "cannot open /x: No such file or directory");
    }
}

} // namespace
} // namespace lvmpolld
