// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/dump_reader.h"

#include "config/document.h"

#include <utility>

namespace lvmpolld::ctl {

namespace {

constexpr std::string_view no_sysdir = "<undefined>";

std::optional<Result> result_of(const config::Section& section) {
    if (section.integer("polling_finished").value_or(0) == 0)
        return std::nullopt;
    const auto reason = section.string("lvm_command/reason").value_or("");
    const auto value = section.integer("lvm_command/value");
    if (value && reason == "retcode")
        return Exited{*value};
    if (value && reason == "signal")
        return Killed{*value};
    return PollingFailed{};
}

std::optional<DumpReader::Operation> operation_of(const config::Section& section, bool abort) {
    const auto lvid = section.string("lvid");
    const auto type = operation_type(section.string("type").value_or(""));
    const auto name = section.string("lvname").value_or("");
    const auto slash = name.find('/');
    auto interval = Interval::parse(section.string("lvm_command_interval").value_or(""));
    if (!lvid || !type || slash == name.npos || !interval)
        return std::nullopt;
    DumpReader::Operation operation;
    auto& request = operation.request;
    request.type = *type;
    request.abort = abort;
    const auto sysdir = section.string("LVM_SYSTEM_DIR").value_or(no_sysdir);
    request.identity = Identity(*lvid, sysdir == no_sysdir ? std::string_view() : sysdir);
    request.vgname = name.substr(0, slash);
    request.lvname = name.substr(slash + 1);
    request.interval = *std::move(interval);
    auto& state = operation.state;
    state.lvpoll = section.integer("lvm_command_pid").value_or(-1);
    state.init_requests = static_cast<unsigned>(section.integer("init_requests_count").value_or(0));
    state.result = result_of(section);
    state.phase = state.result ? Phase::finished : Phase::resident;
    return operation;
}

} // namespace

std::optional<std::vector<DumpReader::Operation>> DumpReader::read(std::string_view dump) {
    const auto document = config::Document::parse(dump);
    if (!document)
        return std::nullopt;
    std::vector<Operation> operations;
    for (const auto& store : document->root().sections()) {
        const bool abort = store.key() == "abort";
        if (!abort && store.key() != "poll")
            continue;
        for (const auto& section : store.sections())
            if (auto operation = operation_of(section, abort)) {
                operation->number = number_of(operation->request.identity.text(), abort);
                operations.push_back(*std::move(operation));
            }
    }
    return operations;
}

RecordNumber DumpReader::number_of(const std::string& identity, bool abort) {
    const auto key = (abort ? "abort " : "poll ") + identity;
    auto& number = numbers_[key];
    if (number == 0)
        number = ++last_number_;
    return number;
}

} // namespace lvmpolld::ctl
