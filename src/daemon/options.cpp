// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/options.h"

#include <getopt.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

namespace lvmpolld {

namespace {

constexpr auto default_socket = "/run/lvm/lvmpolld.socket";
constexpr auto default_varlink_socket = "/run/lvm/io.lvmpolld";
constexpr auto default_pidfile = "/run/lvmpolld.pid";

enum LongOption : int {
    option_dump = 256,
    option_result_age,
    option_max_results,
    option_engine,
    option_verify,
    option_state_dir,
    option_adopt,
    option_varlink_socket,
};

constexpr std::array<option, 17> long_options{{
    {"version", no_argument, nullptr, 'V'},
    {"help", no_argument, nullptr, 'h'},
    {"foreground", no_argument, nullptr, 'f'},
    {"log", required_argument, nullptr, 'l'},
    {"pidfile", required_argument, nullptr, 'p'},
    {"socket", required_argument, nullptr, 's'},
    {"binary", required_argument, nullptr, 'B'},
    {"timeout", required_argument, nullptr, 't'},
    {"dump", no_argument, nullptr, option_dump},
    {"result-age", required_argument, nullptr, option_result_age},
    {"max-results", required_argument, nullptr, option_max_results},
    {"engine", required_argument, nullptr, option_engine},
    {"verify", required_argument, nullptr, option_verify},
    {"state-dir", required_argument, nullptr, option_state_dir},
    {"adopt", no_argument, nullptr, option_adopt},
    {"varlink-socket", required_argument, nullptr, option_varlink_socket},
    {nullptr, 0, nullptr, 0},
}};

std::string from_environment(const char* variable, const char* fallback) {
    const char* value = std::getenv(variable);
    return value != nullptr && *value != '\0' ? value : fallback;
}

/// A whole number from 0 to a billion, which is 31 years in seconds.
unsigned whole_number(std::string_view option, std::string_view text) {
    constexpr unsigned most = 1'000'000'000;
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value > most)
        throw UsageError(std::string(option) + " takes a whole number from 0 to 1000000000, not '" +
                         std::string(text) + "'");
    return value;
}

/// The words of `-l`; as in the classical daemon, an unknown word is no error.
void add_log_levels(Options& options, std::string_view words) {
    static constexpr std::array<std::pair<std::string_view, LogLevel>, 7> known{{
        {"fatal", LogLevel::fatal},
        {"error", LogLevel::error},
        {"warn", LogLevel::warning},
        {"info", LogLevel::info},
        {"wire", LogLevel::wire},
        {"debug", LogLevel::debug},
        {"cmd", LogLevel::command},
    }};
    while (!words.empty()) {
        const auto comma = words.find(',');
        const auto word = words.substr(0, comma);
        words.remove_prefix(comma == words.npos ? words.size() : comma + 1);
        for (const auto& [name, level] : known)
            if (word == name || word == "all")
                options.log_levels.insert(level);
        options.verbose_lvm = options.verbose_lvm || word == "cmd";
    }
}

Options::Engine engine_named(std::string_view word) {
    if (word == "watch")
        return Options::Engine::watch;
    if (word == "resident")
        return Options::Engine::resident;
    throw UsageError("--engine is watch or resident, not '" + std::string(word) + "'");
}

Verify verify_named(std::string_view word) {
    if (word == "suspect")
        return Verify::suspect;
    if (word == "always")
        return Verify::always;
    if (word == "never")
        return Verify::never;
    throw UsageError("--verify is suspect, always or never, not '" + std::string(word) + "'");
}

/// What getopt_long(3) stumbled over: a letter, perhaps amid others, or a word.
std::string unknown_option(const char* word) {
    const bool is_letter =
        ::optopt > 0 && ::optopt < option_dump && !std::string_view(word).starts_with("--");
    return is_letter ? std::string("-") + static_cast<char>(::optopt) : word;
}

std::string path(std::string_view option, const char* text) {
    if (*text == '\0')
        throw UsageError(std::string(option) + " takes a path");
    return text;
}

} // namespace

Options parse_options(int argc, char** argv) {
    Options options;
    options.socket = from_environment("LVM_LVMPOLLD_SOCKET", default_socket);
    options.pidfile = from_environment("LVM_LVMPOLLD_PIDFILE", default_pidfile);
    options.lvm = LVMPOLLD_LVM_BINARY;
    std::optional<std::string> state_directory;
    std::optional<std::string> varlink_socket;

    ::opterr = 0;
    ::optind = 0; // glibc begins anew
    for (;;) {
        const int given = ::getopt_long(argc, argv, ":Vhfl:p:s:B:t:", long_options.data(), nullptr);
        switch (given) {
        case -1:
            if (::optind < argc)
                throw UsageError(std::string("unexpected argument '") + argv[::optind] + "'");
            options.state_directory = state_directory.value_or(options.socket + ".state");
            if (options.state_directory == "none")
                options.state_directory.clear();
            options.varlink_socket = varlink_socket.value_or(options.socket == default_socket
                                                                 ? default_varlink_socket
                                                                 : options.socket + ".varlink");
            if (options.varlink_socket == "none")
                options.varlink_socket.clear();
            return options;
        case 'V':
            options.action = Options::Action::show_version;
            return options;
        case 'h':
            options.action = Options::Action::show_help;
            return options;
        case 'f':
            options.foreground = true;
            break;
        case 'l':
            add_log_levels(options, ::optarg);
            break;
        case 'p':
            options.pidfile = path("--pidfile", ::optarg);
            break;
        case 's':
            options.socket = path("--socket", ::optarg);
            break;
        case 'B':
            options.lvm = path("--binary", ::optarg);
            break;
        case 't':
            options.idle_exit = std::chrono::seconds(whole_number("--timeout", ::optarg));
            break;
        case option_dump:
            options.action = Options::Action::dump;
            break;
        case option_result_age:
            options.retention.age = std::chrono::seconds(whole_number("--result-age", ::optarg));
            break;
        case option_max_results:
            options.retention.results = whole_number("--max-results", ::optarg);
            break;
        case option_engine:
            options.engine = engine_named(::optarg);
            break;
        case option_verify:
            options.verify = verify_named(::optarg);
            break;
        case option_state_dir:
            state_directory = path("--state-dir", ::optarg);
            break;
        case option_adopt:
            options.adopt = true;
            break;
        case option_varlink_socket:
            varlink_socket = path("--varlink-socket", ::optarg);
            break;
        case ':':
            throw UsageError(std::string("option '") + argv[::optind - 1] + "' needs a value");
        default:
            throw UsageError("unknown option '" + unknown_option(argv[::optind - 1]) + "'");
        }
    }
}

std::string help_text(const std::string& program) {
    return "Usage: " + program +
           " [options]          serve\n"
           "       " +
           program +
           " --dump [-s PATH]   show what the running daemon does\n"
           "\n"
           "Watches pvmove, mirror conversion and snapshot merge for lvm until they are finished.\n"
           "\n"
           "  -f, --foreground         stay in the foreground; messages go to stderr\n"
           "  -s, --socket PATH        listen there (" +
           std::string(default_socket) +
           ";\n"
           "                           environment: LVM_LVMPOLLD_SOCKET)\n"
           "  -p, --pidfile PATH       lock and write this file (" +
           std::string(default_pidfile) +
           ";\n"
           "                           environment: LVM_LVMPOLLD_PIDFILE)\n"
           "  -B, --binary PATH        the lvm program (" LVMPOLLD_LVM_BINARY ")\n"
           "  -t, --timeout SECONDS    exit after so long without an operation and a client (0: "
           "never)\n"
           "  -l, --log LEVEL[,...]    show more: all, or fatal error warn info wire debug cmd\n"
           "      --engine=watch|resident\n"
           "                           watch the kernel and run lvpoll when there is something to "
           "commit\n"
           "                           (the default), or one waiting lvpoll for each operation\n"
           "      --verify=suspect|always|never\n"
           "                           compare a copy with its source before it is committed: if "
           "the kernel\n"
           "                           reported errors (the default), always, never\n"
           "      --result-age SECONDS keep a result that nobody has fetched so long (3600)\n"
           "      --max-results N      and no more than so many of them (1000)\n"
           "      --state-dir=PATH|none\n"
           "                           keep the operations there over a restart (the socket's path "
           "and\n"
           "                           \".state\"); none: in memory only\n"
           "      --varlink-socket=PATH|none\n"
           "                           tell programs there what goes on (" +
           std::string(default_varlink_socket) +
           ";\n"
           "                           beside another socket its path and \".varlink\")\n"
           "      --adopt              take up copies that wait to be committed and that nobody "
           "polls\n"
           "      --dump               show the daemon's operations and exit\n"
           "  -V, --version            show the version and exit\n"
           "  -h, --help               show this text and exit\n";
}

std::string version_text() {
    return "lvmpolld version: " LVMPOLLD_VERSION "\n";
}

} // namespace lvmpolld
