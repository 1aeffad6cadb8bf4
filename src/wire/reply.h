// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/exit_status.h"

#include <string>
#include <string_view>

/// The replies as they go over the wire, with their terminator.
namespace lvmpolld::wire::reply {

inline constexpr std::string_view hello =
    "response = \"OK\"\nprotocol = \"lvmpolld\"\nversion = 1\n\n##\n";
inline constexpr std::string_view ok = "response = \"OK\"\n\n##\n";
inline constexpr std::string_view in_progress = "response = \"in_progress\"\n\n##\n";
inline constexpr std::string_view not_found = "response = \"not_found\"\n\n##\n";

/// The poller of the operation is lost and its result unknown.
inline constexpr std::string_view polling_failed =
    "response = \"failed\"\nreason = \"polling of lvm command failed\"\n\n##\n";
/// The LV is polled with another operation type.
inline constexpr std::string_view different_operation =
    "response = \"invalid\"\nreason = \"Different operation on LV already in progress\"\n\n##\n";
inline constexpr std::string_view out_of_memory =
    "response = \"failed\"\nreason = \"not enough memory\"\n\n##\n";
/// The reference has no such limit.
inline constexpr std::string_view request_too_long =
    "response = \"invalid\"\nreason = \"request is too long\"\n\n##\n";

/// The operation is over and its child ended like this.
std::string finished(ExitStatus status);

/// The request was understood and can't be served.
std::string failed(std::string_view reason);

/// The request is wrong.
std::string invalid(std::string_view reason);

/// Makes a message of `text`.
std::string terminate(std::string text);

} // namespace lvmpolld::wire::reply
