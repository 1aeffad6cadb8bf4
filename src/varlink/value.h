// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace lvmpolld::varlink {

/// A JSON value of what a client sends. It is made by nlohmann's parser, but is none of its own
/// values: their destructors need memory, so that a message could not be given up without.
struct Value {
    struct Member;
    using Array = std::vector<Value>;
    using Object = std::vector<Member>;

    std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> is;

    /// Null if it is something else.
    template <class Alternative>
    const Alternative* as() const {
        return std::get_if<Alternative>(&is);
    }
};

struct Value::Member {
    std::string key;
    Value value;
};

/// The first member of this name, or null; a member that is JSON's null counts as absent.
const Value* find(const Value::Object& object, std::string_view key);

/// Nothing if the text is no JSON, or nested more deeply than limits::varlink_depth.
std::optional<Value> parse_value(std::string_view text);

} // namespace lvmpolld::varlink
