// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/source.h"

#include "ctl/daemon_source.h"
#include "ctl/dump_reader.h"
#include "ctl/kernel_source.h"
#include "ctl/running_daemon.h"

namespace lvmpolld::ctl {

namespace {

std::optional<Connection> connect(const Paths& paths) {
    if (paths.varlink_socket.empty())
        return std::nullopt;
    return DaemonSource::connect(paths.varlink_socket);
}

} // namespace

std::unique_ptr<Source> open_source(const Paths& paths) {
    if (!running_daemon(paths.pidfile))
        return std::make_unique<KernelSource>("");
    if (auto connection = connect(paths))
        return std::make_unique<DaemonSource>(*std::move(connection), paths.varlink_socket);
    return std::make_unique<KernelSource>(paths.socket);
}

Teller best_teller(const Paths& paths) {
    if (!running_daemon(paths.pidfile))
        return Teller::kernel;
    return connect(paths) ? Teller::daemon : Teller::dump;
}

} // namespace lvmpolld::ctl
