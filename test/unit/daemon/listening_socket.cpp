// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/listening_socket.h"

#include "base/error.h"
#include "base/temporary_folder.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

namespace lvmpolld {
namespace {

using testing::HasSubstr;

class ListeningSocketTest : public testing::Test {
protected:
    static sockaddr_un address_of(const std::string& path) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.c_str(), path.size());
        return address;
    }

    /// A socket file as another daemon makes it.
    static FileDescriptor bound(const std::string& path) {
        const auto address = address_of(path);
        FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) !=
                0 ||
            ::chmod(path.c_str(), 0600) != 0)
            throw_errno("cannot bind " + path);
        return socket;
    }

    static FileDescriptor listening(const std::string& path, int backlog = 5) {
        auto socket = bound(path);
        if (::listen(socket.get(), backlog) != 0)
            throw_errno("cannot listen on " + path);
        return socket;
    }

    static FileDescriptor connected(const std::string& path) {
        const auto address = address_of(path);
        FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) !=
            0)
            socket.reset();
        return socket;
    }

    /// Why there is no listening socket; empty if there is one.
    std::string complaint() {
        try {
            const ListeningSocket socket(path, passed);
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        return "";
    }

    TemporaryFolder folder;
    std::string path = folder / "lvmpolld.socket";
    std::vector<PassedDescriptor> passed;
};

TEST_F(ListeningSocketTest, AcceptsClientsAndGoesAtTheEnd) {
    {
        const ListeningSocket socket(path, passed);
        EXPECT_TRUE(connected(path));
        const FileDescriptor client(::accept(socket.get(), nullptr, nullptr));
        EXPECT_TRUE(client);
    }
    EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(path)));
}

TEST_F(ListeningSocketTest, IsPrivateAndDoesNotBlockAndClosesOnExec) {
    const auto mask = ::umask(0);
    const ListeningSocket socket(path, passed);
    EXPECT_EQ(::umask(mask), 0U) << "is put back";

    struct stat status {};

    ASSERT_EQ(::lstat(path.c_str(), &status), 0);
    EXPECT_TRUE(S_ISSOCK(status.st_mode));
    EXPECT_EQ(status.st_mode & 07777U, 0700U) << "as the classical daemon's";
    EXPECT_NE(::fcntl(socket.get(), F_GETFL) & O_NONBLOCK, 0);
    EXPECT_EQ(::fcntl(socket.get(), F_GETFD), FD_CLOEXEC);
}

TEST_F(ListeningSocketTest, MakesItsFolder) {
    path = folder / "lvm/lvmpolld.socket";
    const ListeningSocket socket(path, passed);
    EXPECT_TRUE(connected(path));

    struct stat status {};

    ASSERT_EQ(::stat((folder / "lvm").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST_F(ListeningSocketTest, AFolderThatCannotBeMadeIsNamed) {
    path = folder / "no/such/lvmpolld.socket";
    EXPECT_THAT(complaint(), HasSubstr(path));
}

TEST_F(ListeningSocketTest, AStaleSocketIsReplaced) {
    listening(path).reset();
    ASSERT_TRUE(std::filesystem::is_socket(path));
    const ListeningSocket socket(path, passed);
    EXPECT_TRUE(connected(path));
}

TEST_F(ListeningSocketTest, ASocketThatIsBoundButDoesNotListenIsStale) {
    const auto other = bound(path);
    EXPECT_EQ(complaint(), "");
}

TEST_F(ListeningSocketTest, ASocketOnWhichSomebodyAnswersStays) {
    const auto other = listening(path);
    EXPECT_THAT(complaint(), HasSubstr("another daemon answers on " + path));
    EXPECT_TRUE(connected(path));
}

TEST_F(ListeningSocketTest, ADaemonTooBusyToAnswerIsOneAllTheSame) {
    const auto other = listening(path, 0);
    const auto waiting = connected(path);
    ASSERT_FALSE(connected(path)) << "its queue is full";
    EXPECT_THAT(complaint(), HasSubstr("another daemon answers on " + path));
    EXPECT_TRUE(std::filesystem::is_socket(path));
}

TEST_F(ListeningSocketTest, AStaleSocketThatOthersMayUseStays) {
    bound(path).reset();
    for (const mode_t mode : {0660U, 0606U, 0620U, 0777U}) {
        ASSERT_EQ(::chmod(path.c_str(), mode), 0);
        EXPECT_THAT(complaint(), HasSubstr(path + " is not a private socket")) << mode;
    }
    EXPECT_TRUE(std::filesystem::is_socket(path));
}

TEST_F(ListeningSocketTest, AStaleSocketOfAnotherUserStays) {
    if (::geteuid() != 0)
        GTEST_SKIP() << "needs root";
    bound(path).reset();
    ASSERT_EQ(::chown(path.c_str(), 65534, 65534), 0);
    EXPECT_THAT(complaint(), HasSubstr(path + " is not a private socket"));
    EXPECT_TRUE(std::filesystem::is_socket(path));
}

TEST_F(ListeningSocketTest, ASymbolicLinkIsAnErrorAlsoToAStaleSocket) {
    const auto target = folder / "target";
    bound(target).reset();
    std::filesystem::create_symlink(target, path);
    EXPECT_THAT(complaint(), HasSubstr(path + " is in the way and not a socket"));
    EXPECT_TRUE(std::filesystem::is_symlink(path));
    EXPECT_TRUE(std::filesystem::is_socket(target));
}

TEST_F(ListeningSocketTest, ADanglingSymbolicLinkIsAnErrorAndNotFollowed) {
    std::filesystem::create_symlink(folder / "target", path);
    EXPECT_THAT(complaint(), HasSubstr(path + " is in the way and not a socket"));
    EXPECT_FALSE(std::filesystem::exists(folder / "target"));
}

TEST_F(ListeningSocketTest, ARegularFileIsAnErrorAndStays) {
    std::ofstream(path) << "precious";
    EXPECT_THAT(complaint(), HasSubstr(path + " is in the way and not a socket"));
    EXPECT_EQ(std::filesystem::file_size(path), 8U);
}

TEST_F(ListeningSocketTest, AFolderIsAnErrorAndStays) {
    std::filesystem::create_directory(path);
    EXPECT_THAT(complaint(), HasSubstr(path + " is in the way and not a socket"));
    EXPECT_TRUE(std::filesystem::is_directory(path));
}

TEST_F(ListeningSocketTest, APathThatIsTooLongIsNamed) {
    path = folder / std::string(108, 'x');
    EXPECT_THAT(complaint(), HasSubstr("too long"));
    EXPECT_THAT(complaint(), HasSubstr(path));
}

TEST_F(ListeningSocketTest, ThePassedSocketsFileIsLeftToItsMaker) {
    auto made = listening(path);
    const int raw = made.get();
    ::fcntl(raw, F_SETFL, 0);
    passed.push_back({FileDescriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC)), "null"});
    passed.push_back({std::move(made), "lvmpolld.socket"});
    {
        const ListeningSocket socket(path, passed);
        EXPECT_EQ(socket.get(), raw);
        EXPECT_NE(::fcntl(raw, F_GETFL) & O_NONBLOCK, 0);
        EXPECT_TRUE(passed[0].descriptor) << "what isn't the socket is left";
        EXPECT_FALSE(passed[1].descriptor);
    }
    EXPECT_TRUE(std::filesystem::is_socket(path));
}

TEST_F(ListeningSocketTest, APassedSocketOfAnotherPathIsNotTheOne) {
    passed.push_back({listening(folder / "other"), ""});
    const ListeningSocket socket(path, passed);
    EXPECT_NE(socket.get(), passed[0].descriptor.get());
    EXPECT_TRUE(connected(path));
}

TEST_F(ListeningSocketTest, APassedSocketThatDoesNotListenIsNotTheOne) {
    passed.push_back({bound(path), ""});
    const ListeningSocket socket(path, passed);
    EXPECT_NE(socket.get(), passed[0].descriptor.get());
    EXPECT_TRUE(connected(path));
}

TEST_F(ListeningSocketTest, APassedPathMayFillTheWholeAddress) {
    auto full = folder / "";
    full.append(sizeof(sockaddr_un::sun_path) - full.size(), 'x');
    passed.push_back({listening(full), ""});
    const int descriptor = passed.back().descriptor.get();
    EXPECT_EQ(ListeningSocket(full, passed).get(), descriptor);
}

} // namespace
} // namespace lvmpolld
