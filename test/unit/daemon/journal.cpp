// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/journal.h"

#include "base/error.h"
#include "base/forked.h"
#include "base/limits.h"
#include "base/temporary_folder.h"
#include "base/unix_socket.h"
#include "daemon/async_log.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include <array>
#include <string>

namespace lvmpolld {
namespace {

using namespace std::string_literals;

/// A journald that takes entries, or does not read them.
class FakeJournald {
public:
    FakeJournald() {
        const auto address = unix_address(path);
        socket_ = FileDescriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) !=
            0)
            throw_errno("cannot bind " + path);
    }

    /// The next entry; empty if there is none.
    std::string entry() const {
        std::string text(std::size_t{1} << 20, '\0');
        const auto size = ::recv(socket_.get(), text.data(), text.size(), 0);
        text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
        return text;
    }

    /// From here on it takes no entry; how many it had taken before that.
    int fill() const {
        Journal journal(path);
        int count = 0;
        while (journal.send(LOG_INFO, "full", {}))
            ++count;
        return count;
    }

    const TemporaryFolder folder;
    const std::string path = folder / "socket";

private:
    FileDescriptor socket_;
};

constexpr const char* beginning = "MESSAGE=text\nPRIORITY=4\nSYSLOG_FACILITY=3\n"
                                  "SYSLOG_IDENTIFIER=lvmpolld\n";

TEST(JournalEntry, IsALineForEachField) {
    EXPECT_EQ(journal_entry(LOG_WARNING, "text", {{"LVM_VG", "vg0"}, {"LVM_LV", ""}}),
              beginning + "LVM_VG=vg0\nLVM_LV=\n"s);
}

TEST(JournalEntry, AValueOfSeveralLinesIsPrecededByItsSize) {
    EXPECT_EQ(journal_entry(LOG_WARNING, "text", {{"A", "1\n2"}}),
              beginning + "A\n\x03\0\0\0\0\0\0\0"s + "1\n2\n");
    const auto longer = journal_entry(LOG_WARNING, "text", {{"A", std::string(300, '\n')}});
    EXPECT_NE(longer.find("A\n\x2c\x01\0\0\0\0\0\0"s), longer.npos);
}

TEST(JournalEntry, ALongValueIsCutAndSaysSo) {
    const std::string longest(limits::journal_field_bytes, 'x');
    EXPECT_NE(journal_entry(LOG_INFO, longest, {}).find(longest + "\n"), std::string::npos);
    const auto cut = journal_entry(LOG_INFO, longest + "y", {});
    EXPECT_EQ(cut.find('y'), cut.find("bytes)") + 1) << "no more than in the mark";
    EXPECT_NE(cut.find("x... (cut: " + std::to_string(longest.size() + 1) + " bytes)\n"), cut.npos);
}

TEST(JournalEntry, ACharacterIsNotCutInTwo) {
    const auto text = std::string(limits::journal_field_bytes - 1, 'x') + "\xc3\xa4" + "x";
    EXPECT_NE(journal_entry(LOG_INFO, text, {}).find("x... (cut"), std::string::npos);
}

TEST(Journal, AnEntryIsOneDatagram) {
    const FakeJournald journald;
    Journal journal(journald.path);
    EXPECT_TRUE(journal.send(LOG_WARNING, "text", {{"LVM_VG", "vg0"}}));
    EXPECT_TRUE(journal.send(LOG_WARNING, "text", {}));
    EXPECT_EQ(journald.entry(), beginning + "LVM_VG=vg0\n"s);
    EXPECT_EQ(journald.entry(), beginning);
}

TEST(Journal, TheLargestEntryIsTaken) {
    const FakeJournald journald;
    const std::string large(2 * limits::journal_field_bytes, 'x');
    EXPECT_TRUE(Journal(journald.path).send(LOG_INFO, large, {{"LVM_VG", large}, {"A", large}}));
    EXPECT_GT(journald.entry().size(), 3 * limits::journal_field_bytes);
}

TEST(Journal, IsNotThereWithoutASocket) {
    const TemporaryFolder folder;
    EXPECT_FALSE(Journal(folder / "socket").send(LOG_INFO, "text", {}));
    EXPECT_FALSE(Journal(std::string(200, 'x')).send(LOG_INFO, "text", {}));
}

TEST(Journal, AnotherJournaldGetsTheNextEntry) {
    auto first = std::make_unique<FakeJournald>();
    Journal journal(first->path);
    EXPECT_TRUE(journal.send(LOG_INFO, "one", {}));
    std::filesystem::remove(first->path);
    EXPECT_FALSE(journal.send(LOG_INFO, "two", {}));
    const auto address = unix_address(first->path);
    const FileDescriptor next(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::bind(next.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_TRUE(journal.send(LOG_INFO, "three", {}));
}

TEST(Journal, OneThatTakesNothingIsNotWaitedFor) {
    const FakeJournald journald;
    EXPECT_GT(journald.fill(), 0);
    EXPECT_FALSE(Journal(journald.path).send(LOG_INFO, "text", {}));
}

/// What a log with this output writes to stderr.
std::string on_stderr(AsyncLog::Output output, const std::string& journal,
                      const std::string& message = "text") {
    return forked([&]() -> std::string {
        std::array<int, 2> ends{};
        if (::pipe(ends.data()) != 0 || ::dup2(ends[1], STDERR_FILENO) < 0)
            return "no pipe";
        AsyncLog log(output, {}, std::make_shared<Statistics>(), journal);
        log.write(LogLevel::notice, message, {{"LVM_VG", "vg0"}});
        log.write(LogLevel::info, "not shown");
        log.flush();
        std::array<char, 256> text{};
        if (::fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0)
            return "no flags";
        const auto size = ::read(ends[0], text.data(), text.size());
        return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
    });
}

TEST(AsyncLog, TheJournalGetsTheFieldsAndStderrNothing) {
    const FakeJournald journald;
    EXPECT_EQ(on_stderr(AsyncLog::Output::journal, journald.path), "");
    EXPECT_THAT(journald.entry(), testing::AllOf(testing::HasSubstr("MESSAGE=text\nPRIORITY=5\n"),
                                                 testing::HasSubstr("\nLVM_VG=vg0\n")));
    EXPECT_EQ(journald.entry(), "");
}

TEST(AsyncLog, TheJournalIsPreferredToSyslog) {
    const FakeJournald journald;
    EXPECT_EQ(on_stderr(AsyncLog::Output::syslog, journald.path), "");
    EXPECT_THAT(journald.entry(), testing::HasSubstr("\nLVM_VG=vg0\n"));
}

TEST(AsyncLog, WithoutAJournalStderrGetsThePriority) {
    const TemporaryFolder folder;
    EXPECT_EQ(on_stderr(AsyncLog::Output::journal, folder / "socket"), "<5>text\n");
}

TEST(AsyncLog, AFullJournalIsPassedBy) {
    const FakeJournald journald;
    journald.fill();
    EXPECT_EQ(on_stderr(AsyncLog::Output::journal, journald.path), "<5>text\n");
}

TEST(AsyncLog, WhatDoesNotFitIsCounted) {
    const TemporaryFolder folder;
    const auto statistics = std::make_shared<Statistics>();
    const auto rest = forked([&]() -> std::string {
        std::array<int, 2> ends{};
        if (::pipe(ends.data()) != 0 || ::dup2(ends[1], STDERR_FILENO) < 0)
            return "no pipe";
        AsyncLog log(AsyncLog::Output::journal, {}, statistics, folder / "socket");
        // The pipe has 64 KiB and nobody reads: the first message is on its way for ever, the next
        // sixteen wait, and 1 MiB is full.
        for (int number = 0; number < 20; ++number)
            log.write(LogLevel::notice, std::string(64 << 10, 'x'));
        std::string text;
        std::array<char, 16 << 10> buffer{};
        const std::string last = "messages were lost: the log did not take them in time\n";
        while (!text.ends_with(last)) {
            const auto size = ::read(ends[0], buffer.data(), buffer.size());
            text.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
        }
        const auto line = text.substr(text.rfind('<'));
        return line.substr(0, line.find(' ')) + " of " +
               std::to_string(statistics->dropped_log_lines.value());
    });
    EXPECT_THAT(rest, testing::AnyOf("<4>3 of 3", "<4>4 of 4"));
}

TEST(AsyncLog, NoTerminalObeysAMessage) {
    const TemporaryFolder folder;
    EXPECT_EQ(on_stderr(AsyncLog::Output::terminal, folder / "socket",
                        "device '\033]0;x\a\nlvmpolld: error: \177\t\u00e4'"),
              "lvmpolld: notice: device '?]0;x??lvmpolld: error: ?\t\u00e4'\n");
}

TEST(AsyncLog, ATerminalIsNotTheJournal) {
    const FakeJournald journald;
    EXPECT_EQ(on_stderr(AsyncLog::Output::terminal, journald.path), "lvmpolld: notice: text\n");
    EXPECT_EQ(journald.entry(), "");
}

} // namespace
} // namespace lvmpolld
