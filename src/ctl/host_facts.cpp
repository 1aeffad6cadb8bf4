// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/host_facts.h"

#include "ctl/connection.h"
#include "ctl/daemon_source.h"
#include "ctl/programs.h"
#include "ctl/running_daemon.h"
#include "dm/control.h"
#include "varlink/call.h"
#include "varlink/client.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

namespace lvmpolld::ctl {

namespace {

std::optional<bool> asks_daemon(const std::string& lvm) {
    const auto text =
        output_of({lvm, "lvmconfig", "--type", "full", "global/use_lvmpolld"}).value_or("");
    if (text.find("use_lvmpolld=1") != text.npos)
        return true;
    if (text.find("use_lvmpolld=0") != text.npos)
        return false;
    return std::nullopt;
}

std::optional<std::string> socket_unit() {
    if (::access("/run/systemd/system", F_OK) != 0)
        return std::nullopt;
    auto text = output_of({"systemctl", "is-active", "lvm2-lvmpolld.socket"}).value_or("");
    text.erase(std::min(text.find('\n'), text.size()));
    return text.empty() ? std::nullopt : std::optional(text);
}

std::string program_of(pid_t pid) {
    std::array<char, 4096> path;
    const auto link = "/proc/" + std::to_string(pid) + "/exe";
    const auto size = pid > 0 ? ::readlink(link.c_str(), path.data(), path.size()) : -1;
    return size > 0 ? std::string(path.data(), static_cast<std::size_t>(size)) : std::string();
}

/// What follows "# KEY: " in a line of the dump; empty if nothing does.
std::string comment(std::string_view dump, std::string_view key) {
    const auto begin = dump.find("\n# " + std::string(key) + ": ");
    if (begin == dump.npos)
        return {};
    const auto text = dump.substr(begin + key.size() + 5);
    return std::string(text.substr(0, text.find('\n')));
}

/// False if nobody listens.
bool add_dump(DaemonFacts& facts, const std::string& socket) {
    const auto dump = dump_of(socket);
    if (!dump)
        return false;
    facts.engine = comment(*dump, "Engine");
    facts.trouble = comment(*dump, "Trouble");
    return true;
}

/// False if it does not speak Varlink.
bool add_version(DaemonFacts& facts, const std::string& socket) {
    auto connection = socket.empty() ? std::nullopt : DaemonSource::connect(socket);
    if (!connection)
        return false;
    connection->send(varlink::call_text("org.varlink.service.GetInfo", "{}", false));
    const auto reply = varlink::parse_reply(connection->receive());
    if (!reply || reply->error)
        return false;
    const auto version = reply->parameters.find("version");
    if (version != reply->parameters.end() && version->is_string())
        facts.version = version->get<std::string>();
    return true;
}

std::optional<DaemonFacts> daemon_facts(const Paths& paths) {
    using enum DaemonFacts::Kind;
    const auto pid = running_daemon(paths.pidfile);
    if (!pid)
        return std::nullopt;
    DaemonFacts facts{.pid = *pid, .program = program_of(*pid)};
    try {
        const bool answers = add_dump(facts, paths.socket);
        if (!answers)
            facts.kind = deaf;
        else if (!add_version(facts, paths.varlink_socket))
            facts.kind = facts.engine.empty() ? another : ours_without_varlink;
    } catch (const SourceLost&) {
        facts.kind = deaf;
    }
    return facts;
}

} // namespace

HostFacts host_facts(const Command& command) {
    HostFacts facts;
    facts.lvm_uses_daemon = asks_daemon(command.lvm);
    facts.socket_unit = socket_unit();
    facts.socket = command.paths.socket;
    facts.has_socket = ::access(facts.socket.c_str(), F_OK) == 0;
    facts.daemon = daemon_facts(command.paths);
    facts.state = state_facts(state_directory_of(command.paths), facts.daemon.has_value());
    try {
        facts.entries = open_source(command.paths)->list();
        dm::Control::open();
    } catch (const SourceLost& lost) {
        facts.kernel_trouble = lost.what();
    } catch (const std::system_error& error) {
        facts.kernel_trouble = error.what();
    }
    return facts;
}

} // namespace lvmpolld::ctl
