// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace lvmpolld {

/// Names a connection over the daemon's restart. 0: one that doesn't survive it.
using SessionNumber = std::uint64_t;

/// How many results one connection may still claim of one operation.
struct HeldClaims {
    SessionNumber session;
    unsigned count;
    bool operator==(const HeldClaims&) const = default;
};

/// Who may still be told the result of one operation. Each accepted request is one claim, and a
/// claim is in one of three states:
///
///     hold ──► held by a connection ──use──► being answered ──answered──► gone
///                    │                          ▲      │
///                 release                   use_free  free_answer
///                    ▼                          │      ▼
///                  free: any reader may use it ─┘◄─────┘
///
/// A reader without a claim, where nobody else has one either, is being answered as well. Pure.
/// What may run out of memory does so before it changes anything.
class ClaimLedger {
public:
    /// Stands for a reader without a claim of its own among those that are being answered.
    static constexpr SessionNumber anybody = 0;

    ClaimLedger() = default;

    ClaimLedger(std::vector<HeldClaims> held, unsigned free)
        : held_(std::move(held)), free_(free) {}

    /// Connections have these claims, too.
    void hold(SessionNumber session, unsigned count = 1);

    /// A connection reads the result: one of its claims is being answered.
    void use(SessionNumber session);

    /// A reader without a claim reads the result. True if that is noted as being answered: it takes
    /// a free claim, or nobody has any.
    bool use_free();

    /// The answer was sent to `session` (or anybody).
    void answered(SessionNumber session);

    /// The answer could not be sent: its claim is free.
    void free_answer(SessionNumber session);

    /// The connection is closed: its claims are free.
    void release(SessionNumber session, unsigned count);

    /// The connection doesn't want the result any more.
    void give_up(SessionNumber session, unsigned count);

    /// Claims that were on another run are free here.
    void add_free(unsigned count) noexcept { free_ += count; }

    /// The free claims go to another run.
    unsigned take_free() noexcept;

    /// All held claims go to another run.
    std::vector<HeldClaims> take_held() noexcept;

    /// Nobody is left who may ask.
    bool is_unclaimed() const noexcept { return held_.empty() && free_ == 0; }

    /// Nor anybody who is being answered.
    bool is_empty() const noexcept { return is_unclaimed() && answering_.empty(); }

    bool is_held() const noexcept { return !held_.empty(); }

    const std::vector<HeldClaims>& held() const noexcept { return held_; }

    unsigned free() const noexcept { return free_; }

    /// The ledger as a record has it: until an answer was sent, its claim is as before.
    ClaimLedger recorded() const;

private:
    std::vector<HeldClaims> held_;
    std::vector<HeldClaims> answering_;
    unsigned free_ = 0;
};

} // namespace lvmpolld
