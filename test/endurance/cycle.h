// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "figures.h"
#include "load_client.h"
#include "loaded_daemon.h"
#include "volumes.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace lvmpolld::endurance {

/// One cycle of load: all clients come, each begins its share of the operations, all of which are
/// in progress at once; the kernel has copied; each client hears what has become of its own, some
/// leave before, and others hear that; all go. Failures are exceptions.
class Cycle {
public:
    Cycle(LoadedDaemon& daemon, Volumes& volumes, std::size_t clients)
        : daemon_(daemon), volumes_(volumes), clients_(clients) {}

    /// `busy` gets the figures while all operations are in progress, `idle` those of the end.
    void run(Series& busy, Series& idle);

private:
    std::size_t share() const { return volumes_.count() / clients_; }

    void begin(std::vector<LoadClient>& clients);
    void expect_progress(std::vector<LoadClient>& clients) const;
    void leave_early(std::vector<LoadClient>& clients);
    void read_results(std::vector<LoadClient>& clients) const;
    void read_what_others_left(LoadClient& client) const;
    static void read_result(LoadClient& client, std::size_t lv);

    LoadedDaemon& daemon_;
    Volumes& volumes_;
    const std::size_t clients_;
    std::size_t leaving_ = 0; ///< the last ones of the clients
};

} // namespace lvmpolld::endurance
