// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "operation/result.h"
#include "operation/verification.h"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What people and programs are shown of everything long that LVM does. The types mirror
/// src/varlink/interfaces/io.lvmpolld.Operations.varlink, which says what each field means.
namespace lvmpolld::overview {

/// Since 1970-01-01 00:00 UTC.
using WallTime = std::chrono::microseconds;

enum class Kind : std::uint8_t {
    pvmove,
    convert,
    merge,
    merge_thin,
    raid_synchronisation,
    raid_rebuild,
    raid_reshape,
    raid_scrub,
    cache_flush,
    writecache_flush,
};

enum class StoreKind : std::uint8_t { poll, abort };
enum class PolledBy : std::uint8_t { daemon, nobody, not_needed };
enum class Engine : std::uint8_t { watched, resident };

enum class State : std::uint8_t {
    accepted,
    watching,
    verifying,
    stepping,
    resident,
    fenced,
    copying,  ///< the kernel works, and the daemon does not poll it
    complete, ///< likewise; the kernel has done its part, and somebody has to commit it
    finished,
};

enum class Ending : std::uint8_t { completed, failed, killed, unknown, gone, taken_over };

/// How something long has ended.
struct Outcome {
    Ending ending = Ending::gone;
    std::optional<int> exit_code{};
    std::optional<int> signal{};
    std::string reason{}; ///< why it failed; empty: there is nothing to say
    bool operator==(const Outcome&) const = default;
};

Outcome outcome_of(const Result& result, std::string reason);

/// One thing that takes long, at one moment.
struct Entry {
    std::string identifier; ///< "poll-17", "abort-3", "kernel-5"

    Kind kind = Kind::pvmove;
    std::optional<StoreKind> store{};
    PolledBy polled_by = PolledBy::daemon;
    std::string vg{};
    std::string lv{};
    std::string lvid{};
    std::string sysdir{}; ///< empty: the command had none
    std::optional<std::chrono::seconds> interval{};

    State state = State::accepted;
    std::string waits_for{};
    std::optional<std::uint64_t> bytes_done{};
    std::optional<std::uint64_t> bytes_total{};
    std::optional<std::uint64_t> bytes_per_second{};
    std::optional<WallTime> expected_end{};
    std::optional<WallTime> started{};
    std::optional<WallTime> last_progress{};
    std::optional<WallTime> finished{};
    std::optional<Engine> engine{};
    std::optional<pid_t> child{};
    std::vector<std::string> output{};
    std::optional<unsigned> waiting_clients{};
    std::optional<unsigned> requests{};
    Verification verification = Verification::none;
    std::optional<std::uint64_t> bytes_compared{};
    std::optional<std::uint64_t> bytes_to_compare{};
    std::vector<std::string> reads_from{};
    std::vector<std::string> writes_to{};
    std::optional<Outcome> result{};

    bool is_over() const noexcept { return state == State::finished; }

    bool operator==(const Entry&) const = default;
};

/// How `last` is shown once its end is noticed, `now`.
Entry ended(const Entry& last, Outcome outcome, WallTime now);

/// The words of the Varlink interface, both ways: "mergeThin". Each enumeration has them.
std::string_view name(Kind kind) noexcept;
std::string_view name(StoreKind store) noexcept;
std::string_view name(PolledBy polled_by) noexcept;
std::string_view name(Engine engine) noexcept;
std::string_view name(State state) noexcept;
std::string_view name(Verification verification) noexcept;
std::string_view name(Ending ending) noexcept;

/// Nothing if no value of the enumeration is called so.
template <class Enumeration>
std::optional<Enumeration> named(std::string_view text);

} // namespace lvmpolld::overview
