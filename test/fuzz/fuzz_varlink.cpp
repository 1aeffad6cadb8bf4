// SPDX-License-Identifier: LGPL-2.1-or-later
// Whatever a Varlink client sends, it is cut into the same messages however it was split, and each
// is a call with an answer or none. What is understood of a filter is understood again.
#include "base/limits.h"
#include "require.h"
#include "varlink/call.h"
#include "varlink/client.h"
#include "varlink/reply.h"
#include "wire/framing.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

using lvmpolld::wire::Framing;
namespace varlink = lvmpolld::varlink;

namespace {

/// The messages in `stream`, read in pieces of `size`, and whether it ended with one too long.
std::pair<std::vector<std::string>, bool> frame(std::string_view stream, std::size_t size) {
    constexpr std::size_t limit = 512;
    Framing framing(limit, varlink::terminator);
    std::vector<std::string> messages;
    while (!stream.empty()) {
        const auto space = framing.space();
        const auto count = std::min({stream.size(), space.size(), size});
        std::copy_n(stream.begin(), count, space.begin());
        framing.received(count);
        stream.remove_prefix(count);
        for (auto next = framing.next(); !std::holds_alternative<Framing::Incomplete>(next);
             next = framing.next()) {
            if (std::holds_alternative<Framing::TooLong>(next))
                return {messages, true};
            messages.emplace_back(std::get<std::string_view>(next));
        }
    }
    return {messages, false};
}

/// An answer is one message that a client understands.
void require_answer(const std::string& text) {
    require(text.find('\0') == text.size() - 1);
    require(varlink::parse_reply(std::string_view(text).substr(0, text.size() - 1)).has_value());
}

void require_same_again(const lvmpolld::overview::Filter& filter) {
    const auto text = varlink::call_text(
        "io.lvmpolld.Operations.List", "{\"filter\":" + varlink::filter_text(filter) + "}", false);
    const auto again = varlink::parse_call(std::string_view(text).substr(0, text.size() - 1));
    require(again.has_value());
    require(std::get<varlink::call::List>(again->what).filter == filter);
}

void understand(std::string_view message) {
    static_cast<void>(varlink::parse_reply(message));
    const auto call = varlink::parse_call(message);
    if (!call)
        return;
    if (const auto* rejected = std::get_if<varlink::call::Rejected>(&call->what))
        require_answer(varlink::reply::rejected(*rejected));
    else if (const auto* asked = std::get_if<varlink::call::GetInterfaceDescription>(&call->what))
        require_answer(varlink::reply::description(asked->interface));
    else if (const auto* list = std::get_if<varlink::call::List>(&call->what))
        require_same_again(list->filter);
    else if (const auto* wait = std::get_if<varlink::call::Wait>(&call->what))
        require_same_again(wait->filter);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view stream(reinterpret_cast<const char*>(data), size);
    const auto [messages, too_long] = frame(stream, size);
    require(frame(stream, 1) == std::pair(messages, too_long));
    for (const auto& message : messages)
        understand(message);
    understand(stream);
    return 0;
}
