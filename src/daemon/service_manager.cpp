// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/service_manager.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

namespace lvmpolld {

namespace {

constexpr int first_passed_descriptor = 3;

/// -1 if there is none, or if it doesn't fit.
template <class Number>
Number number_from_environment(const char* variable) {
    const char* text = std::getenv(variable);
    Number value = -1;
    if (text != nullptr)
        std::from_chars(text, text + std::strlen(text), value);
    return value;
}

/// Connects `socket` to the one at `path` ("@": abstract). False if nobody listens there. Only with
/// a connected socket does poll(2) tell when the receiver's queue has room.
bool connect_to(std::string_view path, int socket) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (!(path.starts_with('/') || path.starts_with('@')) || path.size() > sizeof(address.sun_path))
        return false;
    std::ranges::copy(path, address.sun_path);
    if (path.front() == '@')
        address.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    return ::connect(socket, reinterpret_cast<const sockaddr*>(&address), length) == 0;
}

} // namespace

std::vector<PassedDescriptor> take_passed_descriptors() {
    std::vector<PassedDescriptor> result;
    if (number_from_environment<int>("LISTEN_PID") != ::getpid())
        return result;
    constexpr int most = 65536; // far beyond what a service manager stores
    const int count = std::min(number_from_environment<int>("LISTEN_FDS"), most);
    const char* all_names = std::getenv("LISTEN_FDNAMES");
    std::string_view names = all_names != nullptr ? all_names : "";
    for (int descriptor = first_passed_descriptor; descriptor < first_passed_descriptor + count;
         ++descriptor) {
        const auto name = names.substr(0, names.find(':'));
        if (::fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0)
            result.push_back({FileDescriptor(descriptor), std::string(name)});
        names.remove_prefix(std::min(names.size(), name.size() + 1));
    }
    return result;
}

bool has_service_manager() {
    return std::getenv("NOTIFY_SOCKET") != nullptr;
}

std::chrono::microseconds watchdog_time(std::chrono::microseconds wanted) {
    const auto process = number_from_environment<int>("WATCHDOG_PID");
    const auto time = number_from_environment<std::int64_t>("WATCHDOG_USEC");
    const bool is_ours = process <= 0 || process == ::getpid();
    return is_ours && time > 0 ? std::chrono::microseconds(time) : wanted;
}

Notification::Notification(std::string state, int descriptor)
    : state_(std::move(state)), descriptor_(descriptor) {}

bool Notification::send() {
    if (!socket_) {
        const char* path = std::getenv("NOTIFY_SOCKET");
        if (path == nullptr)
            return true;
        FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!socket)
            return false;
        if (!connect_to(path, socket.get()))
            return true;
        socket_ = std::move(socket);
    }
    iovec text{state_.data(), state_.size()};
    msghdr message{};
    message.msg_iov = &text;
    message.msg_iovlen = 1;
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    if (descriptor_ >= 0) {
        message.msg_control = control;
        message.msg_controllen = sizeof(control);
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        std::memcpy(CMSG_DATA(header), &descriptor_, sizeof(int));
    }
    return ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL) >= 0 ||
           (errno != EAGAIN && errno != ENOBUFS);
}

} // namespace lvmpolld
