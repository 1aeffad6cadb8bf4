// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dm/kernel_messages.h"

#include "base/error.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>

namespace lvmpolld::dm {

namespace {

/// Above the kernel's longest record (CONSOLE_EXT_LOG_MAX, PRINTK_MESSAGE_MAX).
constexpr std::size_t record_bytes = 16384;

/// The record's facility is 0, kern; the lowest three bits of the priority are the level.
bool is_from_kernel(std::string_view record) {
    unsigned priority = 0;
    const auto [end, error] =
        std::from_chars(record.data(), record.data() + record.size(), priority);
    return error == std::errc() && end != record.data() + record.size() && *end == ',' &&
           priority < 8;
}

} // namespace

KernelMessage classify(std::string_view record) {
    const std::size_t start = record.find(';');
    if (start == std::string_view::npos || !is_from_kernel(record))
        return KernelMessage::other;
    const std::string_view text = record.substr(start + 1, record.find('\n', start) - start - 1);
    const auto contains = [&](std::string_view part) {
        return text.find(part) != std::string_view::npos;
    };

    // drivers/md/dm-raid1.c, recovery_complete(): "Unable to read primary mirror during recovery",
    // "Write error during recovery (error = 0x1)"; and what its rate limit says afterwards,
    // "recovery_complete: 22 callbacks suppressed".
    const bool raid1 = contains("device-mapper: raid1: ") && contains("during recovery");
    const bool suppressed = text.starts_with("recovery_complete: ") && contains("suppressed");
    return raid1 || suppressed ? KernelMessage::recovery_error : KernelMessage::other;
}

KernelMessages KernelMessages::open(const std::string& log) {
    FileDescriptor descriptor(::open(log.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!descriptor)
        throw_errno(log);
    return {log, std::move(descriptor)};
}

std::optional<KernelMessage> KernelMessages::next() {
    std::array<char, record_bytes> record;
    for (;;) {
        const ssize_t size = ::read(descriptor_.get(), record.data(), record.size());
        if (size == 0) // as /dev/null says, which some containers have in its place
            throw_errno(log_ + " is not the kernel's log", ENODATA);
        if (size > 0)
            return classify({record.data(), static_cast<std::size_t>(size)});
        switch (errno) {
        case EINTR:
            continue;
        case EAGAIN:
            return std::nullopt;
        case EPIPE:
            return KernelMessage::lost;
        default:
            throw_errno(log_);
        }
    }
}

} // namespace lvmpolld::dm
