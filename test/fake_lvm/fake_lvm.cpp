// SPDX-License-Identifier: LGPL-2.1-or-later
// Plays `lvm lvpoll`: reports how it was started, then does what it is told, one step a line.
//
// Where the steps come from, in this order (the directory is the environment's FAKE_LVM_DIR):
//   control          a listening Unix socket: the fake sends its record as one line of JSON, reads
//                    steps and answers each with a line "done"; at end of file it exits 0
//   LVNAME.script    a file of steps; the record is appended to the file "runs"
//   default.script   the same, for LVs that have no script of their own
//
// Steps:
//   print out|err N TEXT   writes TEXT N times; \n, \0, \xHH and \\ are escapes
//   close out|err          closes the pipe
//   fork NAME              leaves a grandchild behind that keeps the pipes open; with a control
//   socket
//                          it is a puppet of its own, called NAME, otherwise it waits for a signal
//   on-term exit N | ignore | tell     what SIGTERM does; "tell" sends the line "signal 15"
//   wait FILE              until FILE exists in the directory
//   hang                   until a signal
//   exit N
//   kill N                 dies of signal N
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace {

int checked(int result, const char* what) {
    if (result < 0)
        throw std::system_error(errno, std::generic_category(), what);
    return result;
}

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

/// Bytes above 127 become \u0080 to \u00ff, so that any environment can be recorded.
std::string json(std::string_view text) {
    std::string quoted = "\"";
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\') {
            quoted += character;
        } else {
            std::array<char, 8> escape{};
            std::snprintf(escape.data(), escape.size(), "\\u%04x", byte);
            quoted += escape.data();
        }
    }
    return quoted + '"';
}

template <typename Range, typename Format>
std::string joined(const Range& range, const Format& format) {
    std::string text;
    for (const auto& element : range)
        text += (text.empty() ? "" : ", ") + format(element);
    return text;
}

std::string json_list(const std::vector<std::string>& texts) {
    return "[" + joined(texts, [](const std::string& text) { return json(text); }) + "]";
}

std::string json_list(const std::vector<int>& numbers) {
    return "[" + joined(numbers, [](int number) { return std::to_string(number); }) + "]";
}

std::string json_map(const std::map<int, std::string>& entries) {
    return "{" +
           joined(entries,
                  [](const auto& entry) {
                      return json(std::to_string(entry.first)) + ": " + json(entry.second);
                  }) +
           "}";
}

std::map<int, std::string> open_descriptors() {
    std::map<int, std::string> descriptors;
    DIR* directory = ::opendir("/proc/self/fd");
    while (const dirent* entry = ::readdir(directory)) {
        const std::string name = entry->d_name;
        if (name[0] == '.' || name == std::to_string(::dirfd(directory)))
            continue;
        std::array<char, 4096> target{};
        const ssize_t size =
            ::readlinkat(::dirfd(directory), name.c_str(), target.data(), target.size());
        descriptors[std::stoi(name)] =
            std::string(target.data(), static_cast<std::size_t>(size < 0 ? 0 : size));
    }
    ::closedir(directory);
    return descriptors;
}

std::vector<int> blocked_signals() {
    sigset_t mask;
    ::sigprocmask(SIG_BLOCK, nullptr, &mask);
    std::vector<int> blocked;
    for (int number = 1; number < NSIG; ++number)
        if (::sigismember(&mask, number) == 1)
            blocked.push_back(number);
    return blocked;
}

std::vector<int> ignored_signals() {
    std::vector<int> ignored;
    for (int number = 1; number < NSIG; ++number) {
        struct sigaction action {};

        if (::sigaction(number, nullptr, &action) == 0 && (action.sa_flags & SA_SIGINFO) == 0 &&
            action.sa_handler == SIG_IGN)
            ignored.push_back(number);
    }
    return ignored;
}

/// The LV name out of `lvpoll ... VG/LV -An ...`.
std::string lv_name(const std::vector<std::string>& arguments) {
    for (std::size_t i = 1; i < arguments.size(); ++i)
        if (const auto slash = arguments[i].find('/');
            slash != std::string::npos && arguments[i][0] != '/')
            return arguments[i].substr(slash + 1);
    return "default";
}

/// Whether another fake polls (or aborts) the same LV at this moment. The lock goes with the
/// process.
bool runs_alone(const std::string& directory, const std::string& name, bool abort, int& lock) {
    const std::string path = directory + "/" + name + (abort ? ":abort.lock" : ".lock");
    lock = checked(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600), "lock file");
    return ::flock(lock, LOCK_EX | LOCK_NB) == 0;
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

/// One fake: where it reads its steps from, and what they do.
class Puppet {
public:
    Puppet(std::string directory, std::string name, int lock)
        : directory_(std::move(directory)), name_(std::move(name)), lock_(lock) {}

    /// Sends the record, a line of JSON without the name, to whoever directs this run.
    void open(const std::string& record) {
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

    void play() {
        while (const auto line = next_line()) {
            if (line->empty() || line->front() == '#')
                continue;
            perform(*line);
            if (directed_)
                write_all(steps_, "done\n");
        }
    }

private:
    std::optional<std::string> next_line() {
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

    void perform(const std::string& line) {
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

    static int pipe_named(std::string_view name) {
        return name == "err" ? STDERR_FILENO : STDOUT_FILENO;
    }

    void on_term(Words& words) {
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

    void leave_grandchild(const std::string& name) {
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

    void wait_for(const std::string& file) const {
        const int watch = checked(::inotify_init1(IN_CLOEXEC), "inotify");
        checked(::inotify_add_watch(watch, directory_.c_str(), IN_CREATE | IN_MOVED_TO), "inotify");
        std::array<char, 4096> events{};
        while (::access((directory_ + "/" + file).c_str(), F_OK) != 0) [[maybe_unused]]
            const ssize_t size = ::read(watch, events.data(), events.size());
        ::close(watch);
    }

    std::string directory_;
    std::string name_;
    int lock_;
    int steps_ = -1;
    bool directed_ = false;
    std::string read_;
};

} // namespace

int main(int argc, char** argv) {
    try {
        const std::map<int, std::string> descriptors = open_descriptors();
        const std::vector<std::string> arguments(argv + 1, argv + argc);
        std::vector<std::string> environment;
        for (char** entry = environ; *entry != nullptr; ++entry)
            environment.emplace_back(*entry);

        const char* directory = std::getenv("FAKE_LVM_DIR");
        if (directory == nullptr)
            throw std::runtime_error("FAKE_LVM_DIR is not set");
        bool abort = false;
        for (const std::string& argument : arguments)
            abort = abort || argument == "--abort";
        std::string name = lv_name(arguments);
        int lock = -1;
        const bool alone = runs_alone(directory, name, abort, lock);

        Puppet puppet(directory, abort ? name + ":abort" : name, lock);
        puppet.open("\"pid\": " + std::to_string(::getpid()) + ", \"ppid\": " +
                    std::to_string(::getppid()) + ", \"alone\": " + (alone ? "true" : "false") +
                    ", \"argv0\": " + json(argv[0]) + ", \"argv\": " + json_list(arguments) +
                    ", \"environment\": " + json_list(environment) + ", \"descriptors\": " +
                    json_map(descriptors) + ", \"blocked\": " + json_list(blocked_signals()) +
                    ", \"ignored\": " + json_list(ignored_signals()));
        puppet.play();
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "fake lvm: %s\n", error.what());
        return 99;
    }
}
