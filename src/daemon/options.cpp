// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/options.h"

#include "daemon/settings.h"
#include "daemon/settings_file.h"

#include <getopt.h>

#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

namespace lvmpolld {

namespace {

/// Options that are no settings: they say what to do, or where the settings are. Beyond every
/// letter, and beyond the numbers of the settings.
enum LongOption : int {
    option_setting = 256,
    option_dump = 512,
    option_config,
    option_check_config
};

/// The settings have the numbers from option_setting on, in their order.
std::vector<option> long_options() {
    std::vector<option> options{
        {"version", no_argument, nullptr, 'V'},
        {"help", no_argument, nullptr, 'h'},
        {"foreground", no_argument, nullptr, 'f'},
        {"dump", no_argument, nullptr, option_dump},
        {"config", required_argument, nullptr, option_config},
        {"check-config", no_argument, nullptr, option_check_config},
    };
    int number = option_setting;
    for (const auto& setting : settings())
        options.push_back(
            {setting.name, setting.is_switch ? no_argument : required_argument, nullptr, number++});
    options.push_back({nullptr, 0, nullptr, 0});
    return options;
}

/// The setting with this number or letter, or null.
const Setting* setting_of(int given) {
    for (std::size_t i = 0; i < settings().size(); ++i)
        if (given == option_setting + static_cast<int>(i) ||
            (given != 0 && given == settings()[i].letter))
            return &settings()[i];
    return nullptr;
}

/// What the variable says, if it is set and not empty, in place of `value`.
void take_from_environment(std::string& value, const char* variable) {
    const char* text = std::getenv(variable);
    if (text != nullptr && *text != '\0')
        value = text;
}

/// What getopt_long(3) stumbled over: a letter, perhaps amid others, or a word.
std::string unknown_option(const char* word) {
    const bool is_letter =
        ::optopt > 0 && ::optopt < option_setting && !std::string_view(word).starts_with("--");
    return is_letter ? std::string("-") + static_cast<char>(::optopt) : word;
}

Options before_the_command_line(const SettingsFile& file) {
    Options options;
    options.socket = default_socket;
    options.pidfile = default_pidfile;
    options.lvm = LVMPOLLD_LVM_BINARY;
    options.settings_file = default_settings_file;
    for (const auto& [setting, value] : file.values)
        setting->set(options, value);
    take_from_environment(options.socket, "LVM_LVMPOLLD_SOCKET");
    take_from_environment(options.pidfile, "LVM_LVMPOLLD_PIDFILE");
    return options;
}

} // namespace

Options parse_options(int argc, char** argv) {
    return parse_options(argc, argv, SettingsFile{});
}

Options parse_options(int argc, char** argv, const SettingsFile& file) {
    auto options = before_the_command_line(file);
    bool logs = false; // the command line's levels add up, and take the place of the file's
    const auto long_names = long_options();
    ::opterr = 0;
    ::optind = 0; // glibc begins anew
    for (;;) {
        const int given = ::getopt_long(argc, argv, ":Vhfl:p:s:B:t:", long_names.data(), nullptr);
        switch (given) {
        case -1:
            if (::optind < argc)
                throw UsageError(std::string("unexpected argument '") + argv[::optind] + "'");
            complete(options);
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
        case option_dump:
            options.action = Options::Action::dump;
            break;
        case option_check_config:
            options.action = Options::Action::check_config;
            break;
        case option_config:
            if (*::optarg == '\0')
                throw UsageError("--config takes a path");
            options.settings_file = std::string_view(::optarg) == "none" ? "" : ::optarg;
            break;
        case ':':
            throw UsageError(std::string("option '") + argv[::optind - 1] + "' needs a value");
        default:
            const auto* setting = setting_of(given);
            if (setting == nullptr)
                throw UsageError("unknown option '" + unknown_option(argv[::optind - 1]) + "'");
            if (setting->letter == 'l' && !std::exchange(logs, true)) {
                options.log_levels.clear();
                options.verbose_lvm = false;
            }
            setting->set(options, setting->is_switch ? "1" : ::optarg);
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
           "      --hangup=stop|reload what SIGHUP does: end the daemon, or have it read its "
           "settings again\n"
           "      --watchdog SECONDS   during operations, have the service manager end a daemon "
           "that "
           "gives\n"
           "                           no sign of life for so long (180; 0: never)\n"
           "      --config=PATH|none   the file with the settings (" +
           std::string(default_settings_file) +
           ")\n"
           "      --check-config       say whether that file is right, show what holds, and exit\n"
           "      --dump               show the daemon's operations and exit\n"
           "  -V, --version            show the version and exit\n"
           "  -h, --help               show this text and exit\n";
}

std::string version_text() {
    return "lvmpolld version: " LVMPOLLD_VERSION "\n";
}

} // namespace lvmpolld
