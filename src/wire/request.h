// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace lvmpolld::wire {

enum class OperationType : std::uint8_t { pvmove, convert, merge, merge_thin };

/// As in the request, in `lvpoll --polloperation` and in the dump.
std::string_view name(OperationType type);
std::optional<OperationType> operation_type(std::string_view name);

/// How often lvpoll looks.
struct Interval {
    /// `[+]digits`; nothing if `text` is anything else.
    static std::optional<Interval> parse(std::string_view text);

    std::string text;               ///< as the client sent it
    bool wait_first = false;        ///< `+`: lvpoll waits before it looks for the first time
    std::chrono::seconds seconds{}; ///< at most 2^32-1, LVM's own range

    bool operator==(const Interval&) const = default;
};

/// Introduces a client; customary, not required.
struct Hello {};

/// Asks for the state of all operations.
struct Dump {};

/// Asks how an operation is getting on.
struct ProgressInfo {
    std::string lvid;
    std::optional<std::string> sysdir;
    bool abort = false; ///< of the operation in the abort store

    std::string identity() const;
};

/// Starts or joins the polling of an LV.
struct PollRequest {
    OperationType type = OperationType::pvmove;
    bool abort = false; ///< `pvmove --abort`
    std::string lvid;
    std::string vgname;
    std::string lvname;
    Interval interval;
    std::optional<std::string> sysdir; ///< the client's LVM_SYSTEM_DIR
    bool handle_missing_pvs = false;
    std::optional<std::string> devicesfile;
    std::optional<std::string> cmdline; ///< the client's command line, for the log: unchecked

    /// The operation's name within its store.
    std::string identity() const;
};

/// Not to be served; `reply` is the complete answer.
struct Rejected {
    std::string reply;
};

using Request = std::variant<Hello, Dump, ProgressInfo, PollRequest, Rejected>;

/// Understands a message and checks what can be checked without knowing the operations: first as lvm2's
/// daemon does and in its order, then for parameters that LVM would refuse or that would be dangerous to hand
/// on.
Request parse_request(std::string_view text);

} // namespace lvmpolld::wire
