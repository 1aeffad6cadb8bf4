// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/varlink_server.h"

#include <new>
#include <utility>

namespace lvmpolld {

VarlinkServer::VarlinkServer(asio::io_context& loop, Clock& clock, Observers::Monitoring monitoring,
                             std::shared_ptr<const Statistics> statistics,
                             std::function<void()> left)
    : loop_(loop), statistics_(std::move(statistics)), left_(std::move(left)),
      observers_(
          loop, clock, std::move(monitoring), [this] { tell(&VarlinkSession::overview_changed); },
          [this] { tell(&VarlinkSession::overview_failed); }),
      context_{observers_, *statistics_, [this](const auto& session) {
                   sessions_.erase(session);
                   if (sessions_.empty())
                       report_left();
               }} {}

VarlinkServer::~VarlinkServer() {
    tell(&VarlinkSession::close); // the loop's handlers may keep them for longer than this
}

void VarlinkServer::report_left() noexcept {
    try {
        left_();
    } catch (const std::bad_alloc&) { // the next one's end will tell
    }
}

void VarlinkServer::open(FileDescriptor client) {
    auto session = std::make_shared<VarlinkSession>(loop_, std::move(client), context_);
    sessions_.insert(session);
    session->begin();
}

void VarlinkServer::tell(void (VarlinkSession::*what)()) {
    for (auto next = sessions_.begin(); next != sessions_.end();) {
        const auto session = *next++; // it may leave
        (*session.*what)();
    }
}

} // namespace lvmpolld
