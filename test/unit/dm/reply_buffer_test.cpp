// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dm/reply_buffer.h"

#include "base/forked.h"
#include "base/sanitizer.h"

#include <sys/resource.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <new>

namespace lvmpolld::dm {
namespace {

TEST(ReplyBuffer, GrowsToItsBoundAndNotBeyond) {
    ReplyBuffer buffer;
    EXPECT_EQ(buffer.size(), ReplyBuffer::initial_bytes);
    while (buffer.size() < ReplyBuffer::maximum_bytes)
        ASSERT_TRUE(buffer.grow());
    EXPECT_FALSE(buffer.grow());
    EXPECT_EQ(buffer.size(), ReplyBuffer::maximum_bytes);
}

TEST(ReplyBuffer, IsZeroWhenItIsNew) {
    ReplyBuffer buffer;
    std::fill_n(buffer.data(), buffer.size(), std::byte{1});
    ASSERT_TRUE(buffer.grow());
    EXPECT_TRUE(std::all_of(buffer.data(), buffer.data() + buffer.size(),
                            [](std::byte value) { return value == std::byte{0}; }));
}

TEST(ReplyBuffer, IsGivenBackAfterALargeReply) {
    ReplyBuffer buffer;
    while (buffer.size() <= ReplyBuffer::kept_bytes)
        ASSERT_TRUE(buffer.grow());
    buffer.shrink();
    EXPECT_EQ(buffer.size(), ReplyBuffer::initial_bytes);
}

TEST(ReplyBuffer, StaysAsItWasWithoutMemory) {
    if (under_a_sanitizer)
        GTEST_SKIP() << "a sanitizer needs memory of its own";
    const auto problem = forked([] {
        ReplyBuffer buffer;
        while (buffer.size() < ReplyBuffer::maximum_bytes / 2)
            buffer.grow();
        buffer.data()[0] = std::byte{7};
        rlimit none{0, 0};
        ::setrlimit(RLIMIT_DATA, &none);
        try {
            buffer.grow();
            return std::string("it grew");
        } catch (const std::bad_alloc&) {
        }
        return std::string(buffer.size() == ReplyBuffer::maximum_bytes / 2 &&
                                   buffer.data()[0] == std::byte{7}
                               ? ""
                               : "it has changed");
    });
    EXPECT_EQ(problem, "");
}

} // namespace
} // namespace lvmpolld::dm
