// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/error.h"
#include "base/statistics.h"
#include "daemon/async_log.h"
#include "daemon/daemonize.h"
#include "daemon/dump_client.h"
#include "daemon/listening_socket.h"
#include "daemon/options.h"
#include "daemon/pidfile.h"
#include "daemon/server.h"
#include "process/spawn.h"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <utility>

using namespace lvmpolld;

namespace {

/// The classical daemon's exit code when it can't have its pidfile.
constexpr int exit_without_pidfile = 13;

/// Whatever is opened later must not become a standard stream that the starter had closed.
void fill_standard_descriptors() {
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor)
        if (::fcntl(descriptor, F_GETFD) < 0)
            ::open("/dev/null", O_RDWR); // takes the lowest free number
}

void block_signals() {
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGCHLD,
             SIG_DFL); // ignored, which exec keeps, it would take the children's exit statuses
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int signal : Server::stop_signals)
        ::sigaddset(&signals, signal);
    ::sigprocmask(SIG_SETMASK, &signals, nullptr);
}

void require_program(const std::string& path) {
    if (::access(path.c_str(), X_OK) != 0)
        throw_errno("cannot run the lvm program " + path + " (install lvm2, or name it with -B)");
}

/// Each resident operation takes three descriptors. Returns the limit there was, which is the
/// children's.
rlim_t raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 0;
    const auto before = std::exchange(limit.rlim_cur, limit.rlim_max);
    return before == limit.rlim_max || ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? before : 0;
}

/// Where those who watch arrive. The daemon polls without it as well: null if it can't be had.
std::unique_ptr<ListeningSocket>
listen_to_varlink(const std::string& path, std::vector<PassedDescriptor>& passed, Log& log) {
    if (path.empty())
        return nullptr;
    try {
        return std::make_unique<ListeningSocket>(path, passed, "--varlink-socket");
    } catch (const std::exception& error) {
        log.write(LogLevel::warning, std::string("nobody can watch over Varlink: ") + error.what());
        return nullptr;
    }
}

void serve(const Options& options, std::vector<PassedDescriptor> passed,
           std::optional<Launcher>& launcher) {
    const auto output = launcher ? AsyncLog::Output::syslog : AsyncLog::output_for_stderr();
    const auto statistics = std::make_shared<Statistics>();
    AsyncLog log(output, options.log_levels, statistics);
    LvPollSettings lvpoll{.lvm = options.lvm};
    lvpoll.verbose = options.verbose_lvm;
    lvpoll.descriptor_limit = raise_descriptor_limit();

    std::optional<Pidfile> pidfile(options.pidfile);
    std::optional<StateDirectory> state;
    if (!options.state_directory.empty())
        lvpoll.state_directory = state.emplace(options.state_directory, log).path();
    auto varlink_socket = listen_to_varlink(options.varlink_socket, passed, log);
    std::optional<ListeningSocket> listening_socket;
    listening_socket.emplace(options.socket, passed);
    Server server(options, std::move(lvpoll), {*listening_socket, varlink_socket.get()},
                  state ? &*state : nullptr, statistics, log);
    server.take_up(std::move(passed));
    if (launcher)
        launcher->report_ready();
    if (server.run())
        return;
    listening_socket.reset();
    varlink_socket.reset();
    pidfile.reset();
    log.flush();
    ::_exit(EXIT_SUCCESS);
}

int run(int argc, char** argv) {
    const auto options = parse_options(argc, argv);
    switch (options.action) {
    case Options::Action::show_help:
        std::fputs(help_text(argv[0]).c_str(), stdout);
        return EXIT_SUCCESS;
    case Options::Action::show_version:
        std::fputs(version_text().c_str(), stdout);
        return EXIT_SUCCESS;
    case Options::Action::dump:
        print_dump(options.socket);
        return EXIT_SUCCESS;
    case Options::Action::serve:
        break;
    }
    require_program(options.lvm);
    block_signals();
    close_descriptors_on_exec();
    auto passed = take_passed_descriptors();
    std::optional<Launcher> launcher;
    if (!options.foreground) {
        auto daemonized = daemonize();
        if (!daemonized.launcher)
            return daemonized.exit_code;
        launcher = std::move(daemonized.launcher);
    }
    serve(options, std::move(passed), launcher);
    return EXIT_SUCCESS;
}

} // namespace

int main(int argc, char** argv) {
    ::mallopt(M_ARENA_MAX, 1); // five threads that allocate little don't need a heap each
    fill_standard_descriptors();
    try {
        return run(argc, argv);
    } catch (const UsageError& error) {
        std::fprintf(stderr, "%s: %s\nTry '%s --help'.\n", argv[0], error.what(), argv[0]);
    } catch (const PidfileError& error) {
        std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
        return exit_without_pidfile;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    }
    return EXIT_FAILURE;
}
