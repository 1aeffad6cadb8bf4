// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/command.h"

#include "ctl/units.h"

#include <CLI/CLI.hpp>

#include <array>
#include <cstdlib>

namespace lvmpolld::ctl {

namespace {

constexpr const char* examples = R"(Examples:
  lvmpollctl                                  what is under way, as a table
  lvmpollctl watch                            the same, live, until all has ended
  lvmpollctl wait vg0 --timeout 2h            until nothing long goes on in vg0
  lvmpollctl wait /dev/sdb --for pvmove       until nothing is moved off it or onto it
  lvmpollctl show vg0/pvmove0                 everything about one
  lvmpollctl abort vg0/pvmove0                lvm's pvmove --abort, for this one only
  lvmpollctl doctor                           whether lvm uses the daemon, and what is wrong
  lvmpollctl metrics                          all of it in numbers, for Prometheus
  lvmpollctl report --anonymous               a file for a bug report

WHAT is a volume group (vg0), a logical volume (vg0/data), a physical volume (/dev/sdb), or an
identifier that --json shows (poll-17).

Exit status: 0 done, 1 failed, 2 wrong usage, 3 nothing such is under way, 124 timeout.)";

std::string from_environment(const char* variable, const char* fallback) {
    const char* value = std::getenv(variable);
    return value != nullptr && *value != '\0' ? value : fallback;
}

std::string check_duration(const std::string& text) {
    return parse_duration(text) ? std::string()
                                : "'" + text + "' is no duration such as 30s, 10m, 2h or 1d";
}

std::string check_kinds(const std::string& text) {
    return kinds_called(text).empty() ? "'" + text + "' is none of " + std::string(kind_words)
                                      : std::string();
}

/// The texts of options that need a second look.
struct Texts {
    std::vector<std::string> kinds;
    std::string timeout;
    std::string colour = "auto";
    unsigned percent = 0;
};

class CommandLine {
public:
    CommandLine() {
        app_.footer(examples);
        app_.set_version_flag("--version", "lvmpollctl " LVMPOLLD_VERSION);
        app_.fallthrough();
        app_.failure_message([](const CLI::App*, const CLI::Error& error) {
            return std::string("lvmpollctl: ") + error.what() +
                   " ('lvmpollctl --help' shows what there is)\n";
        });
        app_.require_subcommand(0, 1);
        app_.add_flag("--json", command_.json, "JSON, in the fields of io.lvmpolld.Operations");
        app_.add_option("--color", texts_.colour, "auto, always or never; NO_COLOR is obeyed")
            ->check(CLI::IsMember({"auto", "always", "never"}));
        command_.paths = {from_environment("LVM_LVMPOLLD_PIDFILE", "/run/lvmpolld.pid"),
                          from_environment("LVM_LVMPOLLD_SOCKET", "/run/lvm/lvmpolld.socket"),
                          "/run/lvm/io.lvmpolld",
                          {}};
        command_.lvm = LVMPOLLD_LVM_BINARY;
        app_.add_option("--pidfile", command_.paths.pidfile, "of the daemon");
        app_.add_option("--socket", command_.paths.socket, "of the daemon");
        app_.add_option("--varlink-socket", command_.paths.varlink_socket, "of the daemon");
        app_.add_option("--state-dir", command_.paths.state_directory, "of the daemon");
        app_.add_option("--lvm", command_.lvm, "the lvm program");
        add_verbs();
    }

    std::optional<Command> parse(int argc, const char* const* argv, int& code) {
        try {
            app_.parse(argc, argv);
        } catch (const CLI::ParseError& error) {
            code = app_.exit(error) == 0 ? exit_done : exit_usage;
            return std::nullopt;
        }
        for (const auto& word : texts_.kinds)
            for (const auto kind : kinds_called(word))
                command_.kinds.push_back(kind);
        command_.timeout = parse_duration(texts_.timeout);
        if (texts_.colour != "auto")
            command_.colour = texts_.colour == "always";
        if (texts_.percent != 0)
            command_.percent = texts_.percent;
        return command_;
    }

private:
    CLI::App* add(Verb verb, const char* name, const char* text) {
        auto* const sub = app_.add_subcommand(name, text);
        sub->callback([this, verb] { command_.verb = verb; });
        return sub;
    }

    void add_selection(CLI::App* sub) {
        sub->add_option("WHAT", command_.whats, "VG, VG/LV or physical volume; none: all");
        sub->add_option("--for", texts_.kinds, std::string("only these: ").append(kind_words))
            ->delimiter(',')
            ->check(check_kinds);
    }

    void add_report(CLI::App* sub) {
        sub->add_option("FILE", command_.file,
                        "a new file, or -; none: lvmpolld-report-TIME.txt, in this directory");
        sub->add_flag("--anonymous", command_.anonymous,
                      "replaces the names of volumes, devices and the host");
    }

    void add_verbs() {
        add_selection(add(Verb::list, "list", "Shows what is under way; what no verb does, too"));
        auto* const watch = add(Verb::watch, "watch", "Shows it live, until all has ended");
        add_selection(watch);
        auto* const wait = add(Verb::wait, "wait", "Waits until all has ended");
        add_selection(wait);
        for (auto* const sub : {watch, wait})
            sub->add_option("--timeout", texts_.timeout, "30s, 10m, 2h, 1d: at most so long")
                ->check(check_duration);
        wait->add_flag("-q,--quiet", command_.quiet, "Says nothing but errors");
        add(Verb::show, "show", "Shows everything about one")
            ->add_option("WHAT", command_.whats, "VG, VG/LV, physical volume or identifier")
            ->required();
        add(Verb::abort, "abort", "Aborts one pvmove, by lvm's own pvmove --abort")
            ->add_option("WHAT", command_.whats, "what matches exactly one pvmove")
            ->required()
            ->expected(1);
        add(Verb::throttle, "throttle", "Shows or sets the share of time that mirrors copy in")
            ->add_option("PERCENT", texts_.percent, "1 to 100, of the whole host")
            ->check(CLI::Range(1, 100));
        add(Verb::doctor, "doctor", "Says whether lvm uses the daemon, and what is wrong");
        add(Verb::metrics, "metrics", "Prints metrics for Prometheus, as OpenMetrics")
            ->add_option("--textfile", command_.textfile,
                         "writes this file instead, for the textfile collector of node_exporter");
        add_report(add(Verb::report, "report", "Writes all that a bug report needs into a file"));
    }

    CLI::App app_{"Shows what takes long in LVM, and waits for it", "lvmpollctl"};
    Command command_;
    Texts texts_;
};

} // namespace

std::optional<Command> parse_command(int argc, const char* const* argv, int& code) {
    return CommandLine().parse(argc, argv, code);
}

} // namespace lvmpolld::ctl
