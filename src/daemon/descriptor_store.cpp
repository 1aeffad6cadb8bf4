// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/descriptor_store.h"

#include <charconv>

namespace lvmpolld {

namespace {

constexpr std::string_view name_prefix = "client-";

std::string name_of(SessionNumber session) {
    return std::string(name_prefix) + std::to_string(session);
}

} // namespace

bool DescriptorStore::add(int connection, SessionNumber session) const {
    return notify_service_manager("FDSTORE=1\nFDNAME=" + name_of(session), connection);
}

void DescriptorStore::remove(SessionNumber session) const {
    notify_service_manager("FDSTOREREMOVE=1\nFDNAME=" + name_of(session));
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
