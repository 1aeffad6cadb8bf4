// SPDX-License-Identifier: LGPL-2.1-or-later
#include "operation/operation_event.h"

#include "base/boot_time.h"
#include "base/sector.h"

#include <array>
#include <chrono>
#include <string>
#include <variant>

namespace lvmpolld {

namespace {

/// In the order of OperationEvent.
constexpr std::array<std::string_view, 5> message_ids{
    "c61b70c770554e8d9db0536435922fb8", // began
    "379186496bfc4ec1b5190886ab7af52a", // stalled
    "979ebb4f4db14b57a071e0c42155902e", // refused
    "941478d225654c5f8f7d6389d66c9b21", // completed
    "8d76d593ab3a476e8f6cb0c1758e3f87", // failed
};

std::string_view word_of(const Result& result) {
    if (std::holds_alternative<Exited>(result))
        return event_of(result) == OperationEvent::completed ? "completed" : "failed";
    return std::holds_alternative<Killed>(result) ? "killed" : "unknown";
}

} // namespace

std::string_view message_id(OperationEvent event) noexcept {
    return message_ids[static_cast<std::size_t>(event)];
}

OperationEvent event_of(const Result& result) noexcept {
    const auto* exited = std::get_if<Exited>(&result);
    return exited != nullptr && exited->code == 0 ? OperationEvent::completed
                                                  : OperationEvent::failed;
}

LogFields fields_of(const PollRequest& request) {
    return {{"LVM_VG", request.vgname},
            {"LVM_LV", request.lvname},
            {"LVM_LVID", std::string(request.identity.lvid())},
            {"LVM_OPERATION", std::string(request.abort ? "abort" : name(request.type))}};
}

LogFields fields_of(Operation& operation, OperationEvent event,
                    const std::optional<Result>& result) {
    auto fields = fields_of(operation.request());
    fields.emplace_back("MESSAGE_ID", message_id(event));
    if (event == OperationEvent::refused)
        fields.emplace_back("LVM_RESULT", "refused");
    else if (result)
        fields.emplace_back("LVM_RESULT", word_of(*result));
    if (const auto progress = operation.snapshot().progress)
        fields.emplace_back("LVM_BYTES", std::to_string(progress->copied * sector_bytes));
    const auto accepted = operation.history().accepted_at;
    if (event != OperationEvent::began && accepted.count() != 0) {
        const auto lasted =
            std::chrono::duration_cast<std::chrono::microseconds>(boot_time() - accepted);
        fields.emplace_back("LVM_DURATION_USEC", std::to_string(lasted.count()));
    }
    return fields;
}

} // namespace lvmpolld
