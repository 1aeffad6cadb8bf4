// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/log.h"
#include "operation/operation.h"
#include "operation/poll_request.h"
#include "operation/result.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace lvmpolld {

/// What happens to an operation that its log entry is found by, and that
/// catalog/lvmpolld.catalog explains.
enum class OperationEvent : std::uint8_t {
    began,     ///< it was accepted, and is polled from now on
    stalled,   ///< nothing moves until somebody does something
    refused,   ///< the copy is bad, or can't be verified, and is not committed
    completed, ///< it has ended with success
    failed,    ///< it has ended otherwise
};

/// The MESSAGE_ID of the event, 32 hexadecimal digits: fixed for ever.
std::string_view message_id(OperationEvent event) noexcept;

/// completed, or failed.
OperationEvent event_of(const Result& result) noexcept;

/// Which LV a message is about: LVM_VG, LVM_LV, LVM_LVID, LVM_OPERATION ("pvmove", "convert",
/// "merge", "merge_thin", "abort").
LogFields fields_of(const PollRequest& request);

/// Likewise, of what happens to the operation now: with MESSAGE_ID, LVM_RESULT ("completed",
/// "failed", "killed", "unknown", "refused") if there is one, LVM_BYTES that are copied so far, and
/// LVM_DURATION_USEC since it was accepted.
LogFields fields_of(Operation& operation, OperationEvent event,
                    const std::optional<Result>& result = std::nullopt);

} // namespace lvmpolld
