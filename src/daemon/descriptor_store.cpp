// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/descriptor_store.h"

#include "base/limits.h"
#include "daemon/deliver.h"

#include <charconv>

namespace lvmpolld {

namespace {

constexpr std::string_view name_prefix = "client-";

std::string name_of(SessionNumber session) {
    return std::string(name_prefix) + std::to_string(session);
}

Notification adding(int connection, SessionNumber session) {
    return Notification("FDSTORE=1\nFDNAME=" + name_of(session), connection);
}

} // namespace

bool DescriptorStore::add_now(int connection, SessionNumber session) const {
    return exists_ && adding(connection, session).send();
}

asio::awaitable<bool, DescriptorStore::Executor>
DescriptorStore::add(Executor executor, int connection, SessionNumber session) const {
    return deliver(adding(connection, session), std::move(executor), add_patience);
}

asio::awaitable<bool, DescriptorStore::Executor>
DescriptorStore::remove(Executor executor, SessionNumber session) const {
    return deliver(Notification("FDSTOREREMOVE=1\nFDNAME=" + name_of(session)), std::move(executor),
                   limits::client_stall);
}

std::optional<SessionNumber> DescriptorStore::session_of(std::string_view name) {
    if (!name.starts_with(name_prefix))
        return std::nullopt;
    name.remove_prefix(name_prefix.size());
    SessionNumber session = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), session);
    if (error != std::errc() || end != name.data() + name.size() || session == 0)
        return std::nullopt;
    return session;
}

} // namespace lvmpolld
