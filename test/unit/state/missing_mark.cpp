// SPDX-License-Identifier: LGPL-2.1-or-later
#include "state/missing_mark.h"

#include "base/file_descriptor.h"
#include "base/temporary_folder.h"

#include <fcntl.h>

#include <gtest/gtest.h>

#include <thread>

namespace lvmpolld {
namespace {

class MissingMarkTest : public testing::Test {
protected:
    TemporaryFolder folder;
    FileDescriptor directory{::open((folder / "").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
};

TEST_F(MissingMarkTest, OutlivesItsProcess) {
    {
        MissingMark mark;
        mark.open(directory.get());
        EXPECT_FALSE(mark.is_set());
        mark.set(true);
    }
    MissingMark later;
    later.open(directory.get());
    EXPECT_TRUE(later.is_set());
}

TEST_F(MissingMarkTest, KeepsWhatWasSetBeforeItsFileWasThere) {
    MissingMark mark;
    mark.set(true);
    mark.open(directory.get());
    EXPECT_TRUE(mark.is_set());
}

TEST_F(MissingMarkTest, MayBeSetWhileItsFileIsOpened) {
    MissingMark mark;
    std::thread other([&] { mark.set(true); });
    mark.open(directory.get());
    other.join();
    EXPECT_TRUE(mark.is_set());
}

} // namespace
} // namespace lvmpolld
