// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "overview/entry.h"
#include "varlink/call.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lvmpolld {
struct Statistics;
}

/// Replies, each with its end. Pure.
namespace lvmpolld::varlink::reply {

/// A reply of List, Subscribe and Wait with this `Operation` (operation_text()).
std::string operation(std::string_view operation_text, bool continues);

/// Subscribe: what was there from the beginning has been sent.
std::string present_state_is_complete();

/// The last reply of Wait: what has ended, as many as fit into a message. `more` have ended beside
/// them; `failed` of all have not completed.
std::string ended(const std::vector<const overview::Entry*>& entries, std::size_t more,
                  std::size_t failed);

std::string no_such_operation();
std::string timed_out(std::size_t remaining);
std::string subscriber_too_slow();
std::string expected_more();

std::string info(std::string_view version);

/// The description of an interface, or an error.
std::string description(const std::string& interface);

std::string rejected(const call::Rejected& rejected);

std::string statistics(const Statistics& statistics);

} // namespace lvmpolld::varlink::reply
