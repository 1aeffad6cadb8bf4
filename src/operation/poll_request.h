// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lvmpolld {

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

/// An operation's name within its store: the client's LVM_SYSTEM_DIR, if it sent one, directly
/// followed by the LVID.
class Identity {
public:
    Identity() = default;

    /// `sysdir` is empty if the client sent none.
    explicit Identity(std::string_view lvid, std::string_view sysdir = {})
        : text_(std::string(sysdir).append(lvid)), sysdir_size_(sysdir.size()) {}

    const std::string& text() const noexcept { return text_; }

    std::string_view lvid() const noexcept { return std::string_view(text_).substr(sysdir_size_); }

    std::optional<std::string_view> sysdir() const noexcept {
        if (sysdir_size_ == 0)
            return std::nullopt;
        return std::string_view(text_).substr(0, sysdir_size_);
    }

    bool operator==(const Identity&) const = default;

private:
    std::string text_;
    std::size_t sysdir_size_ = 0;
};

/// What is asked of an operation. Its members are in the order that makes it small: each operation
/// has one.
struct PollRequest {
    OperationType type = OperationType::pvmove;
    bool abort = false; ///< `pvmove --abort`
    bool handle_missing_pvs = false;
    Identity identity;
    std::string vgname;
    std::string lvname;
    Interval interval;
    std::optional<std::string> devicesfile;
};

/// "polling of vg/lv (pvmove)": how messages name an operation.
std::string describe(const PollRequest& request);

} // namespace lvmpolld
