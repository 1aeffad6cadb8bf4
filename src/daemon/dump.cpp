// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/dump.h"

#include "base/harmless.h"
#include "operation/operation.h"

#include <algorithm>
#include <limits>

namespace lvmpolld {

namespace {

/// What the classical daemon calls its timeout for a silent lvpoll, in seconds.
unsigned internal_timeout(const Interval& interval) {
    constexpr unsigned least = 60;
    const auto seconds =
        std::min<std::int64_t>(interval.seconds.count(), std::numeric_limits<int>::max() / 2);
    return std::max(least, static_cast<unsigned>(2 * seconds));
}

struct ResultText {
    const char* reason;
    int value;
};

ResultText text_of(const Result& result) {
    if (const auto* exited = std::get_if<Exited>(&result))
        return {"retcode", exited->code};
    if (const auto* killed = std::get_if<Killed>(&result))
        return {"signal", killed->signal};
    return {nullptr, 0};
}

/// What the classical daemon doesn't have stands in a comment, which whoever parses the dump skips.
void add_comment(std::string& text, const Operation::Snapshot& state) {
    if (state.result)
        return;
    text.append("\t\t# ").append(name(state.phase));
    if (state.progress && state.progress->total > 0)
        text.append(", ")
            .append(std::to_string(state.progress->copied))
            .append(" of ")
            .append(std::to_string(state.progress->total))
            .append(" sectors copied");
    if (!state.waits_for.empty()) {
        auto reason = state.waits_for;
        make_harmless(reason); // a line break would end the comment
        text.append(", ").append(reason);
    }
    text += "\n";
}

void add_operation(std::string& text, Operation& operation) {
    const auto& request = operation.request();
    const auto state = operation.snapshot();
    const auto quoted = [&](const char* key, std::string_view value) {
        text.append("\t\t").append(key).append("=\"").append(value).append("\"\n");
    };
    const auto number = [&](const char* key, long value) {
        text.append("\t\t").append(key).append("=").append(std::to_string(value)).append("\n");
    };
    const bool failed = state.result && std::holds_alternative<PollingFailed>(*state.result);

    text.append("\t").append(operation.identity()).append(" {\n");
    quoted("lvid", request.identity.lvid());
    quoted("type", name(request.type));
    quoted("lvname", request.vgname + "/" + request.lvname);
    number("lvmpolld_internal_timeout", internal_timeout(request.interval));
    quoted("lvm_command_interval", request.interval.text);
    quoted("LVM_SYSTEM_DIR", request.identity.sysdir().value_or("<undefined>"));
    number("lvm_command_pid", state.lvpoll);
    number("polling_finished", state.result ? 1 : 0);
    number("error_occurred", failed ? 1 : 0);
    number("init_requests_count", state.init_requests);
    add_comment(text, state);
    text += "\t\tlvm_command {\n";
    text.append("\t\t\tstate=\"").append(state.result ? "finished" : "in_progress").append("\"\n");
    if (state.result && !failed) {
        const auto [reason, value] = text_of(*state.result);
        text.append("\t\t\treason=\"").append(reason).append("\"\n");
        text.append("\t\t\tvalue=").append(std::to_string(value)).append("\n");
    }
    text += "\t\t}\n\t}\n";
}

void add_store(std::string& text, const char* title, const char* section, Store& store) {
    text.append("# Registered ")
        .append(title)
        .append(" operations\n\n")
        .append(section)
        .append(" {\n");
    for (const auto& operation : store.operations())
        add_operation(text, *operation);
    text += "}";
}

} // namespace

std::string dump(Store& polls, Store& aborts, std::string_view engine, std::string_view trouble) {
    std::string text;
    add_store(text, "polling", "poll", polls);
    text.append("\n\n# Engine: ").append(engine).append("\n");
    if (!trouble.empty())
        text.append("# Trouble: ").append(trouble).append("\n");
    text.append("\n");
    add_store(text, "abort", "abort", aborts);
    return text;
}

} // namespace lvmpolld
