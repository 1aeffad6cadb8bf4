// SPDX-License-Identifier: LGPL-2.1-or-later
#include "puppet.h"

#include "record.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <stdexcept>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <time.h>
#include <unistd.h>

namespace fake_lvm {

namespace {

void write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return; // a closed pipe is part of the play
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

std::optional<int> connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const int fd = checked(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return fd;
    ::close(fd);
    return std::nullopt;
}

std::string unescaped(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            plain += text[i];
            continue;
        }
        switch (text[++i]) {
        case 'n':
            plain += '\n';
            break;
        case '0':
            plain += '\0';
            break;
        case 'x':
            plain += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
            i += 2;
            break;
        default:
            plain += text[i];
        }
    }
    return plain;
}

// Read by the signal handler.
volatile int term_exit_code = 0;
volatile int term_report_fd = -1;

void exit_on_signal(int) {
    ::_exit(term_exit_code);
}

void report_signal(int) {
    const int saved = errno;
    [[maybe_unused]] const ssize_t written = ::write(term_report_fd, "signal 15\n", 10);
    errno = saved;
}

[[noreturn]] void die_of(int number) {
    ::signal(number, SIG_DFL);
    sigset_t all;
    ::sigemptyset(&all);
    ::sigprocmask(SIG_SETMASK, &all, nullptr);
    ::kill(::getpid(), number);
    while (true)
        ::pause();
}

} // namespace

int checked(int result, const char* what) {
    if (result < 0)
        throw std::system_error(errno, std::generic_category(), what);
    return result;
}

/// Takes the words off a line from the left.
class Words {
public:
    explicit Words(std::string_view text) : rest_(text) {}

    std::string_view next() {
        const auto space = rest_.find(' ');
        const std::string_view word = rest_.substr(0, space);
        rest_.remove_prefix(space == std::string_view::npos ? rest_.size() : space + 1);
        return word;
    }

    int number() { return std::stoi(std::string(next())); }

    std::string_view rest() const { return rest_; }

private:
    std::string_view rest_;
};

Puppet::Puppet(std::string directory, std::string name, int lock)
    : directory_(std::move(directory)), name_(std::move(name)), lock_(lock) {}

void Puppet::open(const std::string& record) {
    const std::string line = "{\"name\": " + json(name_) + ", " + record + "}\n";
    if (const auto control = connect_to(directory_ + "/control")) {
        steps_ = *control;
        directed_ = true;
        write_all(steps_, line);
        return;
    }
    const int runs = checked(
        ::open((directory_ + "/runs").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600),
        "runs");
    write_all(runs, line);
    ::close(runs);
    steps_ = ::open((directory_ + "/" + name_ + ".script").c_str(), O_RDONLY | O_CLOEXEC);
    if (steps_ < 0)
        steps_ = ::open((directory_ + "/default.script").c_str(), O_RDONLY | O_CLOEXEC);
}

void Puppet::play() {
    while (const auto line = next_line()) {
        if (line->empty() || line->front() == '#')
            continue;
        perform(*line);
        if (directed_)
            write_all(steps_, "done\n");
    }
}

std::optional<std::string> Puppet::next_line() {
    while (true) {
        if (const auto end = read_.find('\n'); end != std::string::npos) {
            std::string line = read_.substr(0, end);
            read_.erase(0, end + 1);
            return line;
        }
        std::array<char, 4096> buffer{};
        const ssize_t size = ::read(steps_, buffer.data(), buffer.size());
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            return std::nullopt;
        read_.append(buffer.data(), static_cast<std::size_t>(size));
    }
}

void Puppet::perform(const std::string& line) {
    Words words(line);
    const std::string_view verb = words.next();
    if (verb == "print") {
        const int fd = pipe_named(words.next());
        const int times = words.number();
        const std::string text = unescaped(words.rest());
        std::string all;
        for (int i = 0; i < times; ++i)
            all += text;
        write_all(fd, all);
    } else if (verb == "flood") {
        flood(words);
    } else if (verb == "close") {
        ::close(pipe_named(words.next()));
    } else if (verb == "fork") {
        leave_grandchild(std::string(words.next()));
    } else if (verb == "on-term") {
        on_term(words);
    } else if (verb == "wait") {
        wait_for(std::string(words.next()));
    } else if (verb == "hang") {
        ::pause();
    } else if (verb == "exit") {
        ::_exit(words.number());
    } else if (verb == "kill") {
        die_of(words.number());
    } else {
        throw std::runtime_error("unknown step: " + line);
    }
}

void Puppet::flood(Words& words) {
    constexpr int portions_per_second = 100;
    const int fd = pipe_named(words.next());
    const int lines_per_second = words.number();
    const int seconds = words.number();
    const std::string line = std::string(words.rest()) + "\n";
    std::string portion;
    for (int i = 0; i < lines_per_second / portions_per_second; ++i)
        portion += line;
    timespec next{};
    ::clock_gettime(CLOCK_MONOTONIC, &next);
    for (int i = 0; i < seconds * portions_per_second; ++i) {
        write_all(fd, portion);
        next.tv_nsec += 1'000'000'000 / portions_per_second;
        next.tv_sec += next.tv_nsec / 1'000'000'000;
        next.tv_nsec %= 1'000'000'000;
        ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, nullptr);
    }
}

int Puppet::pipe_named(std::string_view name) {
    return name == "err" ? STDERR_FILENO : STDOUT_FILENO;
}

void Puppet::on_term(Words& words) {
    const std::string_view what = words.next();
    if (what == "exit") {
        term_exit_code = words.number();
        ::signal(SIGTERM, exit_on_signal);
    } else if (what == "tell") {
        term_report_fd = steps_;
        ::signal(SIGTERM, report_signal);
    } else {
        ::signal(SIGTERM, SIG_IGN);
    }
}

void Puppet::leave_grandchild(const std::string& name) {
    if (checked(::fork(), "fork") != 0)
        return;
    ::close(steps_);
    ::close(lock_);
    ::setsid();
    if (directed_) {
        Puppet grandchild(directory_, name, -1);
        grandchild.open("\"pid\": " + std::to_string(::getpid()));
        grandchild.play();
    } else {
        ::pause();
    }
    ::_exit(0);
}

void Puppet::wait_for(const std::string& file) const {
    const int watch = checked(::inotify_init1(IN_CLOEXEC), "inotify");
    checked(::inotify_add_watch(watch, directory_.c_str(), IN_CREATE | IN_MOVED_TO), "inotify");
    std::array<char, 4096> events{};
    while (::access((directory_ + "/" + file).c_str(), F_OK) != 0) [[maybe_unused]]
        const ssize_t size = ::read(watch, events.data(), events.size());
    ::close(watch);
}

} // namespace fake_lvm
