// SPDX-License-Identifier: LGPL-2.1-or-later
#include "operation/poll_request.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace lvmpolld {

namespace {

constexpr std::array<std::string_view, 4> operation_names{"pvmove", "convert", "merge",
                                                          "merge_thin"};
constexpr std::string_view digits = "0123456789";

} // namespace

std::string_view name(OperationType type) {
    return operation_names[static_cast<std::size_t>(type)];
}

std::optional<OperationType> operation_type(std::string_view name) {
    const auto* const found = std::ranges::find(operation_names, name);
    if (found == operation_names.end())
        return std::nullopt;
    return static_cast<OperationType>(found - operation_names.begin());
}

std::optional<Interval> Interval::parse(std::string_view text) {
    const bool wait_first = text.starts_with('+');
    const auto number = text.substr(wait_first ? 1 : 0);
    if (number.empty() || number.find_first_not_of(digits) != number.npos)
        return std::nullopt;
    std::uint32_t seconds = 0;
    if (std::from_chars(number.data(), number.data() + number.size(), seconds).ec != std::errc())
        seconds = std::numeric_limits<std::uint32_t>::max();
    return Interval{.text = std::string(text),
                    .wait_first = wait_first,
                    .seconds = std::chrono::seconds(seconds)};
}

std::string describe(const PollRequest& request) {
    return std::string(request.abort ? "abort of " : "polling of ") + request.vgname + "/" +
           request.lvname + " (" + std::string(name(request.type)) + ")";
}

} // namespace lvmpolld
