// SPDX-License-Identifier: LGPL-2.1-or-later
#include "operation/lvm_names.h"

#include "base/limits.h"

#include <algorithm>

namespace lvmpolld {

namespace {

constexpr std::string_view name_characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+_.-";

bool is_control(char c) {
    return (c >= 0 && c < ' ') || c == '\x7f';
}

} // namespace

std::string_view fault_of_name(std::string_view name) {
    if (name.empty())
        return "is empty";
    if (name.size() > limits::name_characters)
        return "is too long";
    if (name.front() == '-')
        return "begins with a hyphen";
    if (name == "." || name == ".." || name.find_first_not_of(name_characters) != name.npos)
        return "is not a valid name";
    return {};
}

std::string_view fault_of_text(std::string_view text) {
    if (text.size() > limits::parameter_bytes)
        return "is too long";
    if (std::ranges::any_of(text, is_control))
        return "contains control characters";
    return {};
}

} // namespace lvmpolld
