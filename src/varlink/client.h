// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "varlink/call.h"
#include "varlink/json.h"
#include "varlink/operation_json.h"

#include <optional>
#include <string>
#include <string_view>

/// The client's side of a call: call_text() makes it, parse_reply() reads what comes back. Pure.
namespace lvmpolld::varlink {

/// One reply.
struct Reply {
    std::optional<std::string> error; ///< its full name
    Json parameters;                  ///< an object
    bool continues = false;           ///< more replies follow
};

/// Nothing if the message is no reply.
std::optional<Reply> parse_reply(std::string_view message);

/// The `operation` among the parameters of a reply, if there is one.
std::optional<overview::Entry> operation_of(const Reply& reply);

} // namespace lvmpolld::varlink
