// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/file_descriptor.h"
#include "daemon/descriptor_store.h"
#include "require.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>

namespace lvmpolld {

/// Keeps connections over the end of a daemon, until that takes them back. One in a process.
class PlayedServiceManager {
public:
    PlayedServiceManager() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
        const auto path = "@lvmpolld-fuzz-" + std::to_string(::getpid());
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path + 1, path.data() + 1, path.size() - 1);
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
        require(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
        require(::setenv("NOTIFY_SOCKET", path.c_str(), 1) == 0);
    }

    ~PlayedServiceManager() { ::unsetenv("NOTIFY_SOCKET"); }

    PlayedServiceManager(const PlayedServiceManager&) = delete;
    PlayedServiceManager& operator=(const PlayedServiceManager&) = delete;

    /// `socket` is borrowed.
    void keep(SessionNumber session, int socket) { kept_[session].reset(::dup(socket)); }

    bool keeps(SessionNumber session) const { return kept_.contains(session); }

    /// The connection for the next daemon.
    FileDescriptor hand_over(SessionNumber session) {
        return FileDescriptor(::dup(kept_.at(session).get()));
    }

    void drop(SessionNumber session) { kept_.erase(session); }

    /// Reads what it was told. False if that is nothing.
    bool read() {
        constexpr std::string_view beginning = "FDSTOREREMOVE=1\nFDNAME=";
        std::array<char, 256> buffer;
        const auto size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
        if (size <= 0)
            return false;
        const std::string_view text(buffer.data(), static_cast<std::size_t>(size));
        require(text.starts_with(beginning));
        const auto session = DescriptorStore::session_of(text.substr(beginning.size()));
        require(session.has_value());
        drop(*session);
        return true;
    }

private:
    const FileDescriptor socket_;
    std::map<SessionNumber, FileDescriptor> kept_;
};

} // namespace lvmpolld
