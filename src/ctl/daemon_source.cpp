// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/daemon_source.h"

#include "base/limits.h"
#include "varlink/call.h"
#include "varlink/client.h"

#include <utility>

namespace lvmpolld::ctl {

namespace {

constexpr std::string_view list_method = "io.lvmpolld.Operations.List";
constexpr std::string_view subscribe_method = "io.lvmpolld.Operations.Subscribe";
constexpr std::string_view no_such_operation = "io.lvmpolld.Operations.NoSuchOperation";

varlink::Reply reply_of(std::string_view message) {
    auto reply = varlink::parse_reply(message);
    if (!reply)
        throw SourceLost("lvmpolld sends what is no reply of Varlink");
    if (reply->error && *reply->error != no_such_operation)
        throw SourceLost("lvmpolld answers with the error " + *reply->error);
    return *std::move(reply);
}

} // namespace

std::optional<Connection> DaemonSource::connect(const std::string& path) {
    return Connection::open(path, limits::varlink_message_bytes, varlink::terminator);
}

std::vector<overview::Entry> DaemonSource::list() {
    // A connection has one call at a time, and a subscription does not end.
    auto other = subscribed_ ? connect(path_) : std::nullopt;
    if (subscribed_ && !other)
        throw SourceLost("lvmpolld does not listen on " + path_ + " any more");
    auto& connection = other ? *other : connection_;
    connection.send(varlink::call_text(list_method, "{}", true));
    std::vector<overview::Entry> entries;
    for (bool more = true; more;) {
        const auto reply = reply_of(connection.receive());
        if (auto entry = varlink::operation_of(reply))
            entries.push_back(*std::move(entry));
        more = reply.continues;
    }
    return entries;
}

std::vector<overview::Entry> DaemonSource::next(Events& events, Events::Time until) {
    if (!std::exchange(subscribed_, true))
        connection_.send(varlink::call_text(subscribe_method, "{}", true));
    while (!complete_) {
        const auto message = connection_.receive(events, until);
        if (!message)
            return {};
        if (auto entry = varlink::operation_of(reply_of(*message)))
            present_.push_back(*std::move(entry));
        else
            complete_ = true;
        if (complete_)
            return std::exchange(present_, {});
    }
    std::vector<overview::Entry> changed;
    auto message = connection_.receive(events, until);
    for (; message; message = connection_.received())
        if (auto entry = varlink::operation_of(reply_of(*message)))
            changed.push_back(*std::move(entry));
    return changed;
}

} // namespace lvmpolld::ctl
