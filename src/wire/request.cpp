// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wire/request.h"

#include "config/document.h"
#include "operation/lvm_names.h"
#include "wire/reply.h"

#include <algorithm>
#include <utility>

namespace lvmpolld::wire {

namespace {

using config::Section;

constexpr std::string_view digits = "0123456789";

Rejected failed(std::string_view reason) {
    return {reply::failed(reason)};
}

Rejected invalid(std::string_view reason) {
    return {reply::invalid(reason)};
}

Rejected invalid(std::string_view parameter, std::string_view what) {
    return invalid(std::string(parameter).append(" ").append(what));
}

bool flag(Section parameters, std::string_view key) {
    return parameters.integer(key).value_or(0) != 0;
}

/// What lvm2's daemon takes for an interval: no `-`, and sscanf(3) reads `%u` from its beginning.
bool reference_takes_interval(std::string_view text) {
    if (text.find('-') != text.npos)
        return false;
    text.remove_prefix(std::min(text.find_first_not_of(" \t\n\v\f\r"), text.size()));
    if (text.starts_with('+'))
        text.remove_prefix(1);
    return text.find_first_of(digits) == 0;
}

std::optional<Rejected> check_name(std::string_view parameter, std::string_view name) {
    const auto fault = fault_of_name(name);
    return fault.empty() ? std::nullopt : std::optional(invalid(parameter, fault));
}

std::optional<Rejected> check_text(std::string_view parameter,
                                   std::optional<std::string_view> text) {
    const auto fault = fault_of_text(text.value_or(""));
    return fault.empty() ? std::nullopt : std::optional(invalid(parameter, fault));
}

Request parse_progress_info(Section parameters) {
    const auto lvid = parameters.string("lvid");
    const auto sysdir = parameters.string("sysdir");
    if (!lvid)
        return failed("request requires lvid set");
    if (auto rejected = check_text("lvid", lvid))
        return *std::move(rejected);
    if (auto rejected = check_text("sysdir", sysdir))
        return *std::move(rejected);
    return ProgressInfo{.identity = Identity(*lvid, sysdir.value_or("")),
                        .abort = flag(parameters, "abort")};
}

Request parse_start(OperationType type, Section parameters) {
    const auto interval = parameters.string("interval");
    const auto lvname = parameters.string("lvname");
    const auto lvid = parameters.string("lvid");
    const auto vgname = parameters.string("vgname");
    const bool abort = flag(parameters, "abort");

    if (abort && type != OperationType::pvmove)
        return invalid("abort only supported with PVMOVE polling operation");
    if (!interval || !reference_takes_interval(*interval))
        return invalid("request requires interval set");
    if (!lvname)
        return failed("request requires lvname set");
    if (!lvid)
        return failed("request requires lvid set");
    if (!vgname)
        return failed("request requires vgname set");

    auto parsed_interval = Interval::parse(*interval);
    if (!parsed_interval)
        return invalid("interval", "is not a number of seconds");
    const auto sysdir = parameters.string("sysdir");
    const auto devicesfile = parameters.string("devicesfile");
    for (auto rejected : {check_text("interval", interval), check_name("vgname", *vgname),
                          check_name("lvname", *lvname), check_text("lvid", lvid),
                          check_text("sysdir", sysdir), check_text("devicesfile", devicesfile)})
        if (rejected)
            return *std::move(rejected);

    return Start{.request = {.type = type,
                             .abort = abort,
                             .handle_missing_pvs = flag(parameters, "handle_missing_pvs"),
                             .identity = Identity(*lvid, sysdir.value_or("")),
                             .vgname = std::string(*vgname),
                             .lvname = std::string(*lvname),
                             .interval = *std::move(parsed_interval),
                             .devicesfile = std::optional<std::string>(devicesfile)},
                 .cmdline = std::optional<std::string>(parameters.string("cmdline"))};
}

} // namespace

Request parse_request(std::string_view text) {
    const auto document = config::Document::parse(text);
    if (document) {
        const auto parameters = document->root();
        const auto request = parameters.string("request").value_or("");
        if (request == "progress_info")
            return parse_progress_info(parameters);
        if (const auto type = operation_type(request))
            return parse_start(*type, parameters);
        if (request == "hello")
            return Hello{};
        if (request == "dump")
            return Dump{};
    }
    return invalid("request not implemented");
}

} // namespace lvmpolld::wire
