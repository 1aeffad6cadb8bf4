// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/listening_socket.h"

#include "base/error.h"
#include "base/unix_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <string_view>

namespace lvmpolld {

namespace {

const sockaddr* generic(const sockaddr_un& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

FileDescriptor stream_socket() {
    FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket)
        throw_errno("cannot make a socket");
    return socket;
}

bool listens_at(int socket, const std::string& path) {
    int listening = 0;
    socklen_t length = sizeof(listening);
    if (::getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) != 0 || listening == 0)
        return false;
    sockaddr_un address{};
    length = sizeof(address);
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) != 0 ||
        address.sun_family != AF_UNIX)
        return false;
    // A path that fills the field has no end there (unix(7)).
    return path == std::string_view(address.sun_path,
                                    ::strnlen(address.sun_path, sizeof(address.sun_path)));
}

bool somebody_answers(const std::string& path) {
    const auto address = unix_address(path);
    return ::connect(stream_socket().get(), generic(address), sizeof(address)) == 0 ||
           errno == EAGAIN;
}

/// A file at `path` is in the way. Removes it if it is what a daemon that crashed has left.
void remove_stale_socket(const std::string& path, const std::string& way_out) {
    struct stat status {};

    if (::lstat(path.c_str(), &status) != 0) {
        if (errno == ENOENT)
            return;
        throw_errno("cannot examine " + path);
    }
    if (!S_ISSOCK(status.st_mode))
        throw std::runtime_error(path + " is in the way and not a socket: remove it, or " +
                                 way_out);
    if (status.st_uid != ::geteuid() || (status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        throw std::runtime_error(path + " is not a private socket of this user: remove it, or " +
                                 way_out);
    if (somebody_answers(path))
        throw std::runtime_error("another daemon answers on " + path + ": stop it, or " + way_out);
    if (::unlink(path.c_str()) != 0)
        throw_errno("cannot remove the stale socket " + path);
}

FileDescriptor listen_at(const std::string& path, const std::string& way_out) {
    const auto address = unix_address(path);
    const auto slash = path.rfind('/');
    const auto folder = path.substr(0, slash == path.npos ? 0 : slash);
    if (!folder.empty() && ::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        throw_errno("cannot make the folder of the socket " + path);
    remove_stale_socket(path, way_out);
    auto socket = stream_socket();
    const auto old_mask = ::umask(0077);
    const int bound = ::bind(socket.get(), generic(address), sizeof(address));
    const int error = errno;
    ::umask(old_mask);
    if (bound != 0)
        throw_errno("cannot bind the socket " + path, error);
    if (::listen(socket.get(), SOMAXCONN) != 0)
        throw_errno("cannot listen on the socket " + path);
    return socket;
}

} // namespace

ListeningSocket::ListeningSocket(std::string path, std::vector<PassedDescriptor>& passed,
                                 const std::string& option)
    : path_(std::move(path)) {
    for (auto& [descriptor, name] : passed) {
        if (descriptor && listens_at(descriptor.get(), path_)) {
            socket_ = std::move(descriptor);
            if (::fcntl(socket_.get(), F_SETFL, O_NONBLOCK) != 0)
                throw_errno("cannot make the socket " + path_ + " non-blocking");
            return;
        }
    }
    socket_ = listen_at(path_, "name another socket with " + option);
    own_file_ = true;
}

ListeningSocket::~ListeningSocket() {
    if (own_file_)
        ::unlink(path_.c_str());
}

} // namespace lvmpolld
