// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/diagnosis.h"
#include "golden.h"
#include "samples.h"

#include <gtest/gtest.h>

using namespace lvmpolld;
using namespace lvmpolld::ctl;
using namespace lvmpolld::test;
using Kind = DaemonFacts::Kind;

namespace {

HostFacts healthy() {
    return {.lvm_uses_daemon = true,
            .socket_unit = "active",
            .has_socket = true,
            .socket = "/run/lvm/lvmpolld.socket",
            .daemon = DaemonFacts{.pid = 812,
                                  .kind = Kind::ours,
                                  .program = "/usr/sbin/lvmpolld",
                                  .version = "0.1.0",
                                  .engine = "watch"},
            .kernel_trouble = {},
            .entries = {moving()}};
}

HostFacts sick() {
    auto facts = healthy();
    facts.lvm_uses_daemon = false;
    facts.socket_unit = "inactive";
    facts.has_socket = false;
    facts.daemon->engine = "resident";
    facts.daemon->trouble = "operations CAN'T be written to the state directory";
    facts.kernel_trouble = "/dev/mapper/control (is the module dm-mod loaded?)";
    auto suspect = moving();
    suspect.verification = Verification::suspect;
    auto refused = failed();
    refused.verification = Verification::different;
    facts.entries = {suspect, unpolled(), refused};
    return facts;
}

} // namespace

TEST(Diagnosis, OfAHealthyHost) {
    const auto findings = diagnose(healthy());
    expect_golden("doctor", findings_text(findings, {}));
    EXPECT_FALSE(has_problem(findings));
}

TEST(Diagnosis, OfASickHost) {
    const auto findings = diagnose(sick());
    expect_golden("doctor-sick", findings_text(findings, {}));
    expect_golden("doctor-sick-colour", findings_text(findings, {.colour = true}));
    expect_golden("doctor-sick.json", findings_json(findings));
    EXPECT_TRUE(has_problem(findings));
}

TEST(Diagnosis, OfEachDaemon) {
    std::string text;
    for (const auto kind : {Kind::ours, Kind::ours_without_varlink, Kind::another, Kind::deaf}) {
        auto facts = healthy();
        facts.daemon->kind = kind;
        if (kind == Kind::another || kind == Kind::deaf)
            facts.daemon->engine.clear(); // only ours names it
        facts.socket_unit.reset();
        text += findings_text(diagnose(facts), {}) + "\n";
    }
    expect_golden("doctor-daemons", text);
}

TEST(Diagnosis, OfAHostWithoutADaemon) {
    auto facts = healthy();
    facts.daemon.reset();
    facts.entries.clear();
    auto text = findings_text(diagnose(facts), {}) + "\n";
    facts.socket_unit.reset();
    facts.has_socket = false;
    facts.lvm_uses_daemon.reset();
    text += findings_text(diagnose(facts), {});
    expect_golden("doctor-idle", text);
    EXPECT_TRUE(has_problem(diagnose(facts)));
}

TEST(Diagnosis, OfCrashes) {
    const std::string path = "/run/lvm/lvmpolld.socket.state";
    const std::int64_t then = 1'764'124'184;
    std::string text;
    for (const auto& state :
         {StateFacts{.path = path}, StateFacts{.path = path, .last_crash = then},
          StateFacts{.path = path, .crashes = 1, .last_crash = then},
          StateFacts{.path = path, .crashes = 3, .last_crash = then},
          StateFacts{.path = path, .crashes = 1, .unnoticed = true},
          StateFacts{.path = path, .set_aside = {"poll-17.set-aside", "suspects.set-aside"}}}) {
        auto facts = healthy();
        facts.state = state;
        const auto findings = diagnose(facts);
        EXPECT_FALSE(has_problem(findings));
        text += findings_text(findings, {}) + "\n";
    }
    expect_golden("doctor-crashes", text);
}
