// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "overview/filter.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// Calls out of messages and messages out of replies (https://varlink.org). A message is a JSON
/// object, and a NUL ends it. Pure.
namespace lvmpolld::varlink {

/// Ends every message in both directions.
inline constexpr std::string_view terminator{"\0", 1};

namespace call {

struct GetInfo {};

struct GetInterfaceDescription {
    std::string interface;
};

struct List {
    overview::Filter filter;
};

struct Subscribe {
    overview::Filter filter;
};

struct Wait {
    overview::Filter filter;
    std::optional<std::chrono::microseconds> timeout;
};

struct GetStatistics {};

/// What can't be answered: the standard error says why.
struct Rejected {
    std::string error; ///< its name after "org.varlink.service."
    std::string key;   ///< of its one parameter
    std::string value;
};

} // namespace call

/// What a client asks.
struct Call {
    std::variant<call::Rejected, call::GetInfo, call::GetInterfaceDescription, call::List,
                 call::Subscribe, call::Wait, call::GetStatistics>
        what;
    bool more = false;   ///< several replies are welcome
    bool oneway = false; ///< none is
};

/// Nothing if the message is no call, or nested too deeply: there is no answer to it, and the
/// connection has to be closed.
std::optional<Call> parse_call(std::string_view message);

/// The message, with its end, that makes a call: what a client sends. `parameters` is a JSON
/// object.
std::string call_text(std::string_view method, std::string_view parameters, bool more);

/// A filter as JSON.
std::string filter_text(const overview::Filter& filter);

} // namespace lvmpolld::varlink
