// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "operation/poll_request.h"

#include <string>
#include <string_view>

namespace lvmpolld {

/// A request to poll vg/lv every `interval` seconds.
inline PollRequest poll_request(std::string_view lvid = "id", std::string_view interval = "15") {
    PollRequest request;
    request.identity = Identity(lvid);
    request.vgname = "vg";
    request.lvname = "lv";
    request.interval = Interval::parse(interval).value();
    return request;
}

/// A request to abort it.
inline PollRequest abort_request(std::string_view lvid = "id") {
    auto request = poll_request(lvid, "0");
    request.abort = true;
    return request;
}

} // namespace lvmpolld
