// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Gathers what a bug report is made of; report_text.cpp puts it together.
#include "ctl/report_sections.h"

#include "ctl/connection.h"
#include "ctl/daemon_source.h"
#include "ctl/host_facts.h"
#include "ctl/operations_json.h"
#include "ctl/programs.h"
#include "ctl/report_device_mapper.h"
#include "ctl/report_part.h"
#include "ctl/report_state.h"
#include "ctl/running_daemon.h"
#include "varlink/call.h"
#include "varlink/client.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>

namespace lvmpolld::ctl {

namespace {

const std::vector<std::string> units{"lvm2-lvmpolld.socket", "lvm2-lvmpolld.service",
                                     "lvmpolld-varlink.socket", "lvmpolld-metrics.timer",
                                     "lvmpolld-metrics.service"};

std::vector<std::string> with_units(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), units.begin(), units.end());
    return arguments;
}

bool has_systemd() {
    return ::access("/run/systemd/system", F_OK) == 0;
}

ReportSection versions(const Command& command, const std::optional<DaemonFacts>& daemon) {
    ReportPart part("versions");
    part.say("lvmpollctl " LVMPOLLD_VERSION);
    if (daemon)
        part.say("running daemon: " + (daemon->program.empty() ? "?" : daemon->program) + ", PID " +
                 std::to_string(daemon->pid) + ", version " +
                 (daemon->version.empty() ? "not told" : daemon->version));
    else
        part.say("no daemon is known to run");
    part.run({"lvmpolld", "--version"});
    part.run({command.lvm, "version"});
    utsname kernel{};
    ::uname(&kernel);
    part.say(std::string(kernel.sysname) + " " + kernel.release + " " + kernel.version + " " +
             kernel.machine);
    part.show_file("/etc/os-release");
    return std::move(part).take();
}

ReportSection doctor(const std::optional<HostFacts>& facts, const std::string& trouble) {
    ReportPart part("doctor");
    if (facts)
        part.say(findings_text(diagnose(*facts), {}));
    else
        part.miss(trouble);
    return std::move(part).take();
}

ReportSection operations(const Command& command) {
    ReportPart part("operations");
    part.attempt([&] {
        const auto source = open_source(command.paths);
        part.say(list_json(source->list(), source->teller(), source->remark()));
    });
    return std::move(part).take();
}

/// The replies as they come.
void call(ReportPart& part, const std::string& socket, const char* method, bool more) {
    part.attempt([&] {
        auto connection = DaemonSource::connect(socket);
        if (!connection)
            return part.miss("nobody listens on " + socket);
        connection->send(varlink::call_text(method, "{}", more));
        part.say(method);
        for (bool goes_on = true; goes_on;) {
            const auto message = connection->receive();
            part.say(message);
            const auto reply = varlink::parse_reply(message);
            goes_on = reply && reply->continues;
        }
    });
}

ReportSection varlink_calls(const std::string& socket, bool runs) {
    ReportPart part("varlink");
    if (!runs)
        part.miss("no daemon runs");
    else
        for (const auto& [method, more] : {std::pair{"org.varlink.service.GetInfo", false},
                                           std::pair{"io.lvmpolld.Operations.List", true},
                                           std::pair{"io.lvmpolld.Statistics.Get", false}})
            call(part, socket, method, more);
    return std::move(part).take();
}

ReportSection dump(const std::string& socket, bool runs) {
    ReportPart part("dump");
    part.attempt([&] {
        const auto text = runs ? dump_of(socket) : std::nullopt;
        if (text)
            part.say(*text);
        else
            part.miss(runs ? "nobody listens on " + socket : "no daemon runs");
    });
    return std::move(part).take();
}

ReportSection unit_states() {
    ReportPart part("units");
    if (!has_systemd()) {
        part.miss("systemd does not run here");
        return std::move(part).take();
    }
    constexpr bool answers = true; // an inactive or unknown unit is one
    part.run(with_units({"systemctl", "--no-pager", "cat"}), answers);
    part.run(with_units({"systemctl", "--no-pager", "show",
                         "--property=Id,LoadState,UnitFileState,ActiveState,SubState,Result,"
                         "NRestarts,MainPID,ExecMainStartTimestamp,ExecMainCode,ExecMainStatus,"
                         "StatusText,FragmentPath,DropInPaths,NAccepted,NFileDescriptorStore"}),
             answers);
    part.run(with_units({"systemctl", "--no-pager", "--lines=0", "status"}), answers);
    return std::move(part).take();
}

ReportSection configuration(const Command& command, const std::optional<DaemonFacts>& daemon) {
    ReportPart part("configuration");
    part.show_file(LVMPOLLD_CONFIG_DIR "/lvmpolld.conf");
    if (daemon && daemon->pid > 0)
        part.attempt([&] {
            auto line = output_of({"ps", "-o", "args=", "-p", std::to_string(daemon->pid)});
            part.say("command line of the daemon: " + line.value_or("not known"));
        });
    part.run({"lvmpolld", "--check-config"});
    part.run({command.lvm, "lvmconfig", "--type", "diff"});
    return std::move(part).take();
}

ReportSection journal() {
    ReportPart part("journal");
    part.run({"journalctl", "--no-pager", "--quiet", "--no-hostname", "--output=short-iso",
              "--lines=200", "SYSLOG_IDENTIFIER=lvmpolld", "+",
              "_SYSTEMD_UNIT=lvm2-lvmpolld.service", "+", "UNIT=lvm2-lvmpolld.service", "+",
              "UNIT=lvm2-lvmpolld.socket"});
    return std::move(part).take();
}

} // namespace

std::vector<ReportSection> report_sections(const Command& command) {
    std::optional<HostFacts> facts;
    std::string trouble;
    bool runs = false;
    try {
        runs = running_daemon(command.paths.pidfile).has_value();
        facts = host_facts(command);
    } catch (const std::exception& error) {
        trouble = error.what();
    }
    const auto daemon = facts ? facts->daemon : std::nullopt;
    return {versions(command, daemon),
            doctor(facts, trouble),
            operations(command),
            varlink_calls(command.paths.varlink_socket, runs),
            dump(command.paths.socket, runs),
            state_directory_section(state_directory_of(command.paths)),
            device_mapper_section(),
            unit_states(),
            configuration(command, daemon),
            journal()};
}

Pseudonyms names_of_host() {
    Pseudonyms names;
    utsname host{};
    if (::uname(&host) == 0)
        names.add_host(host.nodename);
    add_mapped_names(names);
    for (const auto& [field, is_group] : {std::pair{"LVM_VG", true}, std::pair{"LVM_LV", false}}) {
        const auto captured =
            capture({"journalctl", "--quiet", "--field", field}, {.most = std::size_t{1} << 20});
        std::string_view rest = captured.text;
        while (!rest.empty()) {
            const auto line = rest.substr(0, rest.find('\n'));
            is_group ? names.add_vg(line) : names.add_lv(line);
            rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        }
    }
    return names;
}

} // namespace lvmpolld::ctl
