// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/session_threads.h"

#include "base/recording_log.h"
#include "daemon/service.h"
#include "operation/claims.h"
#include "operation/operation.h"
#include "operation/test_request.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

namespace lvmpolld {
namespace {

TEST(SessionThreads, KeptClaimsAreFreeIfThereIsNoSocket) {
    Store polls{Retention{}};
    Store aborts{Retention{}};
    RecordingLog log;
    Service service(polls, aborts, "watch", log, [](const std::shared_ptr<Operation>&) {});
    int left = 0;
    SessionThreads sessions(service, nullptr, nullptr, log, [&] { ++left; });
    const auto operation = std::get<Store::Accepted>(polls.accept(poll_request(), 7)).operation;
    ASSERT_TRUE(polls.finish(*operation, Exited{5}));
    auto claims = std::make_unique<Claims>(7, true);
    claims->restore(operation, 1);

    sessions.take_up(FileDescriptor(1 << 20), std::move(claims)); // no such descriptor
    sessions.main().poll();
    EXPECT_EQ(left, 1);
    EXPECT_EQ(log.count(LogLevel::error), 1U);
    EXPECT_TRUE(operation->held_claims().empty());
    Claims later;
    EXPECT_EQ(std::get<Result>(later.read(polls, "id")), Result(Exited{5}));
}

} // namespace
} // namespace lvmpolld
