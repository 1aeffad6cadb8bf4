// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/varlink_server.h"

#include <utility>
#include <vector>

namespace lvmpolld {

VarlinkServer::VarlinkServer(asio::io_context& loop, Observers::Monitoring monitoring,
                             std::shared_ptr<const Statistics> statistics,
                             std::function<void()> left)
    : loop_(loop), statistics_(std::move(statistics)), left_(std::move(left)),
      observers_(
          loop, std::move(monitoring), [this] { tell(&VarlinkSession::overview_changed); },
          [this] { tell(&VarlinkSession::overview_failed); }),
      context_{observers_, *statistics_, [this](const auto& session) {
                   sessions_.erase(session);
                   if (sessions_.empty())
                       left_();
               }} {}

VarlinkServer::~VarlinkServer() {
    for (const auto& session : Sessions(sessions_))
        session->close(); // the loop's handlers may keep it for longer than this
}

void VarlinkServer::open(FileDescriptor client) {
    auto session = std::make_shared<VarlinkSession>(loop_, std::move(client), context_);
    sessions_.insert(session);
    session->begin();
}

void VarlinkServer::tell(void (VarlinkSession::*what)()) {
    const std::vector<std::shared_ptr<VarlinkSession>> all(sessions_.begin(), sessions_.end());
    for (const auto& session : all)
        (*session.*what)();
}

} // namespace lvmpolld
