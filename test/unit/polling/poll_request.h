// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "wire/request.h"

#include <string>
#include <string_view>

namespace lvmpolld {

/// A request to poll vg/lv every `interval` seconds.
inline wire::PollRequest poll_request(std::string_view lvid = "id", std::string_view interval = "15") {
    wire::PollRequest request;
    request.identity = wire::Identity(lvid);
    request.vgname = "vg";
    request.lvname = "lv";
    request.interval = wire::Interval::parse(interval).value();
    return request;
}

/// A request to abort it.
inline wire::PollRequest abort_request(std::string_view lvid = "id") {
    auto request = poll_request(lvid, "0");
    request.abort = true;
    return request;
}

} // namespace lvmpolld
