// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/diagnosis.h"

#include "base/joined.h"
#include "ctl/units.h"
#include "varlink/json.h"

#include <algorithm>
#include <array>

namespace lvmpolld::ctl {

namespace {

using overview::Entry;
using Mark = Finding::Mark;

Finding use_of_daemon(const HostFacts& facts) {
    if (!facts.lvm_uses_daemon)
        return {Mark::warning, "lvm.conf", "lvm does not say whether it uses lvmpolld",
                "run 'lvmconfig --type full global/use_lvmpolld'"};
    if (!*facts.lvm_uses_daemon)
        return {Mark::problem, "lvm.conf", "lvm polls by itself: global/use_lvmpolld is 0",
                "set global/use_lvmpolld=1 in lvm.conf"};
    return {Mark::ok, "lvm.conf", "lvm uses lvmpolld", {}};
}

Finding socket(const HostFacts& facts) {
    const auto& unit = facts.socket_unit;
    if (unit == "active")
        return {
            Mark::ok, "socket", "lvm2-lvmpolld.socket is active: systemd starts the daemon", {}};
    if (facts.has_socket && facts.daemon)
        return {Mark::ok, "socket", "the daemon listens on " + facts.socket, {}};
    if (unit)
        return {Mark::problem, "socket", "lvm2-lvmpolld.socket is " + *unit,
                "systemctl enable --now lvm2-lvmpolld.socket"};
    return {Mark::problem, "socket", "nobody listens on " + facts.socket, "start lvmpolld"};
}

std::string process(const DaemonFacts& daemon) {
    std::string text = daemon.program.empty() ? "lvmpolld" : daemon.program;
    if (daemon.pid != 0)
        text += "[" + std::to_string(daemon.pid) + "]";
    return text;
}

Finding daemon(const HostFacts& facts) {
    using enum DaemonFacts::Kind;
    if (!facts.daemon) {
        const bool starts = facts.socket_unit == "active";
        return {Mark::ok,
                "daemon",
                starts ? "none runs; the next command that needs it starts it" : "none runs",
                {}};
    }
    const auto text = process(*facts.daemon);
    switch (facts.daemon->kind) {
    case ours:
        return {Mark::ok, "daemon", text + ", version " + facts.daemon->version, {}};
    case ours_without_varlink:
        return {Mark::warning, "daemon", text + " serves no Varlink",
                "start it without --varlink-socket=none"};
    case another:
        return {Mark::warning, "daemon", text + " is lvm2's own: it commits a copy without a check",
                "install this project's lvmpolld in its place, see README.md"};
    case deaf:
        break;
    }
    return {Mark::problem, "daemon",
            text + " holds the pidfile and does not answer on " + facts.socket,
            "systemctl restart lvm2-lvmpolld.service"};
}

std::string names(const std::vector<Entry>& entries) {
    return joined(entries, ", ", lv_name);
}

template <class Predicate>
std::vector<Entry> those(const std::vector<Entry>& entries, Predicate predicate) {
    std::vector<Entry> found;
    std::ranges::copy_if(entries, std::back_inserter(found), predicate);
    return found;
}

void add_copies(std::vector<Finding>& findings, const HostFacts& facts) {
    const auto unpolled = those(facts.entries, [](const Entry& entry) {
        return !entry.is_over() && entry.polled_by == overview::PolledBy::nobody;
    });
    const auto suspect = those(facts.entries, [](const Entry& entry) {
        return !entry.is_over() && entry.verification == Verification::suspect;
    });
    const auto refused = those(facts.entries, [](const Entry& entry) {
        return entry.verification == Verification::different;
    });
    if (!unpolled.empty())
        findings.push_back({Mark::warning, "polling",
                            "lvmpolld does not poll " + names(unpolled) +
                                ": the command that began it may do so, or nobody",
                            "have lvmpolld poll it: 'lvchange --poll y LV' or 'pvmove', without "
                            "arguments"});
    if (!suspect.empty())
        findings.push_back({Mark::warning, "copies",
                            names(suspect) + ": suspect, compared before it is committed",
                            "look at the disks: dmesg"});
    if (!refused.empty())
        findings.push_back({Mark::problem, "copies",
                            names(refused) + ": the copy is bad, and is not committed",
                            "'pvmove --abort' keeps the source; replace the disk"});
    if (unpolled.empty() && suspect.empty() && refused.empty())
        findings.push_back({Mark::ok,
                            "copies",
                            facts.entries.empty() ? "nothing long is under way"
                                                  : "all is polled, and nothing is suspect",
                            {}});
}

std::string moment_text(std::int64_t seconds) {
    return timestamp(std::chrono::seconds(seconds));
}

Finding crashes(const StateFacts& state) {
    if (state.crashes == 0)
        return {Mark::ok,
                "crashes",
                state.last_crash == 0
                    ? "none is known since the boot"
                    : "the last daemon ended in order; the last crash was noticed at " +
                          moment_text(state.last_crash),
                {}};
    std::string text = "the last daemon was killed or has crashed";
    if (state.crashes > 1)
        text += ", " + std::to_string(state.crashes) + " in a row";
    text += state.unnoticed ? ", and none was started since"
                            : "; noticed at " + moment_text(state.last_crash);
    return {Mark::warning, "crashes", text,
            "'journalctl -u lvm2-lvmpolld.service' says what was taken up; 'lvmpollctl report' "
            "makes a bug report"};
}

void add_state(std::vector<Finding>& findings, const StateFacts& state) {
    findings.push_back(crashes(state));
    if (state.set_aside.empty())
        return;
    findings.push_back({Mark::warning, "records",
                        "set aside in " + state.path + ": " + joined(state.set_aside, ", "),
                        "have what 'lvs -a' shows under way polled by 'vgchange --poll y', then "
                        "remove them; the journal has the reasons"});
}

constexpr std::array mark_words{"ok", "warning", "problem"};
constexpr std::array mark_tones{Tone::good, Tone::warning, Tone::bad};

} // namespace

std::vector<Finding> diagnose(const HostFacts& facts) {
    std::vector<Finding> findings{use_of_daemon(facts), socket(facts), daemon(facts)};
    if (facts.daemon && !facts.daemon->engine.empty())
        findings.push_back(
            facts.daemon->engine == "watch"
                ? Finding{Mark::ok, "engine", "watches the kernel", {}}
                : Finding{Mark::warning, "engine",
                          facts.daemon->engine + ": an lvpoll stays for each operation",
                          "start it without --engine=resident"});
    if (facts.daemon && !facts.daemon->trouble.empty())
        findings.push_back({Mark::problem, "state", facts.daemon->trouble,
                            "make the directory writable, and restart lvmpolld"});
    else if (facts.daemon && facts.daemon->kind != DaemonFacts::Kind::another &&
             facts.daemon->kind != DaemonFacts::Kind::deaf)
        findings.push_back({Mark::ok, "state", "no trouble with the state directory", {}});
    if (facts.state)
        add_state(findings, *facts.state);
    if (!facts.kernel_trouble.empty())
        findings.push_back({Mark::warning, "kernel", facts.kernel_trouble, "modprobe dm-mod"});
    add_copies(findings, facts);
    return findings;
}

std::string findings_text(const std::vector<Finding>& findings, const Style& style) {
    std::string text;
    for (const auto& finding : findings) {
        const auto mark = static_cast<std::size_t>(finding.mark);
        const std::string_view word = mark_words[mark];
        text += painted(word, mark_tones[mark], style);
        text.append(9 - word.size(), ' ').append(finding.name);
        text.append(10 - std::min<std::size_t>(finding.name.size(), 9), ' ');
        text += harmless(finding.text) + "\n";
        if (!finding.remedy.empty())
            text += std::string(19, ' ') + "-> " + finding.remedy + "\n";
    }
    return text;
}

std::string findings_json(const std::vector<Finding>& findings) {
    using varlink::Json;
    Json json{{"findings", Json::array()}};
    for (const auto& finding : findings) {
        Json each{{"mark", mark_words[static_cast<std::size_t>(finding.mark)]},
                  {"name", finding.name},
                  {"text", finding.text}};
        if (!finding.remedy.empty())
            each["remedy"] = finding.remedy;
        json["findings"].push_back(std::move(each));
    }
    return varlink::text_of(json) + "\n";
}

bool has_problem(const std::vector<Finding>& findings) {
    return std::ranges::find(findings, Mark::problem, &Finding::mark) != findings.end();
}

} // namespace lvmpolld::ctl
