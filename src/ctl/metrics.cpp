// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Takes the measurements; measurements.cpp makes metrics of them. It starts no daemon.
#include "ctl/daemon_source.h"
#include "ctl/kernel_source.h"
#include "ctl/measurements.h"
#include "ctl/output.h"
#include "ctl/replace_file.h"
#include "ctl/running_daemon.h"
#include "ctl/verbs.h"
#include "overview/moment.h"
#include "varlink/call.h"
#include "varlink/client.h"

#include <utility>

namespace lvmpolld::ctl {

namespace {

/// Nothing if the daemon does not have them. Throws SourceLost.
std::optional<varlink::Json> statistics_of(const std::string& socket) {
    auto connection = DaemonSource::connect(socket);
    if (!connection)
        throw SourceLost("lvmpolld does not listen on " + socket + " any more");
    connection->send(varlink::call_text("io.lvmpolld.Statistics.Get", "{}", false));
    auto reply = varlink::parse_reply(connection->receive());
    if (!reply || reply->error)
        return std::nullopt;
    return std::move(reply->parameters);
}

Measurements measure(const Paths& paths) {
    Measurements measured;
    try {
        const auto source = open_source(paths);
        measured.entries = source->list();
        measured.runs = measured.answers = source->teller() != Teller::kernel;
        if (source->teller() == Teller::daemon)
            measured.statistics = statistics_of(paths.varlink_socket);
    } catch (const SourceLost& lost) { // it has ended just now, or hangs
        measured = {.runs = running_daemon(paths.pidfile).has_value()};
        if (measured.runs)
            complain(std::string(lost.what()) + "; these metrics are device-mapper's");
        measured.entries = KernelSource("").list();
    }
    measured.now = overview::Moment::now().wall;
    return measured;
}

} // namespace

int run_metrics(const Command& command) {
    if (command.json)
        throw Refused("metrics have one format, which is no JSON: 'lvmpollctl list --json' has the "
                      "operations, and io.lvmpolld.Statistics the counters",
                      exit_usage);
    const auto measured = measure(command.paths);
    if (command.textfile.empty())
        print(metrics_text(measured, Exposition::Format::openmetrics));
    else
        replace_file(command.textfile, metrics_text(measured, Exposition::Format::prometheus));
    return exit_done;
}

} // namespace lvmpolld::ctl
