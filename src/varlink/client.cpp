// SPDX-License-Identifier: LGPL-2.1-or-later
#include "varlink/client.h"

#include <utility>

namespace lvmpolld::varlink {

std::optional<Reply> parse_reply(std::string_view message) {
    auto json = parse_json(message);
    if (!json || !json->is_object())
        return std::nullopt;
    Reply reply{.error = std::nullopt, .parameters = Json::object()};
    if (const auto error = json->find("error"); error != json->end() && !error->is_null()) {
        if (!error->is_string())
            return std::nullopt;
        reply.error = error->get<std::string>();
    }
    if (const auto found = json->find("parameters"); found != json->end() && !found->is_null()) {
        if (!found->is_object())
            return std::nullopt;
        reply.parameters = std::move(*found);
    }
    if (const auto found = json->find("continues"); found != json->end() && !found->is_null()) {
        if (!found->is_boolean())
            return std::nullopt;
        reply.continues = found->get<bool>();
    }
    return reply;
}

std::optional<overview::Entry> operation_of(const Reply& reply) {
    const auto found = reply.parameters.find("operation");
    return found == reply.parameters.end() ? std::nullopt : to_entry(*found);
}

} // namespace lvmpolld::varlink
