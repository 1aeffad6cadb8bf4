// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/error.h"
#include "base/sanitizer.h"
#include "base/statistics.h"
#include "daemon/async_log.h"
#include "daemon/daemonize.h"
#include "daemon/dump_client.h"
#include "daemon/listening_socket.h"
#include "daemon/options.h"
#include "daemon/pidfile.h"
#include "daemon/reload.h"
#include "daemon/server.h"
#include "daemon/settings_file.h"
#include "process/spawn.h"
#include "state/fatal_signals.h"

#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
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

/// No thread here needs the usual 8 MiB. All of a stack is gone through whenever the process is
/// locked in memory (MemoryLock).
void bound_stacks() {
    constexpr std::size_t bytes = std::size_t{512} * 1024;
    pthread_attr_t attributes;
    if (under_a_sanitizer || ::pthread_attr_init(&attributes) != 0)
        return;
    if (::pthread_attr_setstacksize(&attributes, bytes) == 0)
        ::pthread_setattr_default_np(&attributes);
    ::pthread_attr_destroy(&attributes);
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

void log_problems(const SettingsFile& file, Log& log) {
    for (const auto& problem : file.problems)
        log.write(LogLevel::error, problem + ". The default holds instead");
}

/// The command line with its file of settings.
struct Configuration {
    Options options;
    SettingsFile file;
};

/// Throws UsageError.
Configuration configure(int argc, char** argv) {
    const auto given = parse_options(argc, argv).settings_file;
    auto file = read_settings(given, given != default_settings_file);
    auto options = parse_options(argc, argv, file);
    return {std::move(options), std::move(file)};
}

/// Reads the settings again, and has them take effect where that is possible.
void reload_settings(int argc, char** argv, Options& options, Server& server, AsyncLog& log) {
    try {
        const auto configuration = configure(argc, argv);
        log_problems(configuration.file, log);
        auto [reloaded, applied, waiting] = reload(options, configuration.options);
        options = std::move(reloaded);
        log.show(options.log_levels);
        server.apply(options);
        for (const auto& setting : applied)
            log.write(LogLevel::notice, "from now on " + setting);
        for (const auto& setting : waiting)
            log.write(LogLevel::warning, setting + " will hold after a restart");
    } catch (const std::exception& error) {
        log.write(LogLevel::error,
                  std::string("the settings were not read again: ") + error.what());
    }
}

/// Says what is wrong with the settings, or what they are.
int check_settings(const Configuration& configuration) {
    for (const auto& problem : configuration.file.problems)
        std::fprintf(stderr, "%s\n", problem.c_str());
    if (!configuration.file.problems.empty())
        return EXIT_FAILURE;
    std::fputs(shown(configuration.options).c_str(), stdout);
    return EXIT_SUCCESS;
}

void serve(int argc, char** argv, Configuration configuration, std::vector<PassedDescriptor> passed,
           std::optional<Launcher>& launcher) {
    auto& options = configuration.options;
    const auto output = launcher ? AsyncLog::Output::syslog : AsyncLog::output_for_stderr();
    const auto statistics = std::make_shared<Statistics>();
    AsyncLog log(output, options.log_levels, statistics);
    log_problems(configuration.file, log);
    LvPollSettings lvpoll{.lvm = options.lvm};
    lvpoll.verbose = options.verbose_lvm;
    lvpoll.statistics = statistics;
    lvpoll.descriptor_limit = raise_descriptor_limit();
    lvpoll.lock_memory = true;

    std::optional<Pidfile> pidfile(options.pidfile);
    std::optional<StateDirectory> state;
    std::optional<FatalSignals> fatal_signals;
    if (!options.state_directory.empty()) {
        lvpoll.state_directory = state.emplace(options.state_directory, log).path();
        fatal_signals.emplace(*state);
    }
    auto varlink_socket = listen_to_varlink(options.varlink_socket, passed, log);
    std::optional<ListeningSocket> listening_socket;
    listening_socket.emplace(options.socket, passed);
    std::function<void()> hangup;
    std::optional<Server> server;
    if (options.hangup == Options::Hangup::reload)
        hangup = [&] { reload_settings(argc, argv, options, *server, log); };
    server.emplace(options, std::move(lvpoll),
                   Server::Sockets{*listening_socket, varlink_socket.get()},
                   state ? &*state : nullptr, statistics, log, std::move(hangup));
    server->take_up(std::move(passed));
    if (launcher)
        launcher->report_ready();
    if (server->run())
        return;
    listening_socket.reset();
    varlink_socket.reset();
    pidfile.reset();
    log.flush();
    ::_exit(EXIT_SUCCESS);
}

int run(int argc, char** argv) {
    auto configuration = configure(argc, argv);
    const auto& options = configuration.options;
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
    case Options::Action::check_config:
        return check_settings(configuration);
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
    serve(argc, argv, std::move(configuration), std::move(passed), launcher);
    return EXIT_SUCCESS;
}

} // namespace

int main(int argc, char** argv) {
    ::mallopt(M_ARENA_MAX, 1); // five threads that allocate little don't need a heap each
    bound_stacks();
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
