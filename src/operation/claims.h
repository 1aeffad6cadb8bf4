// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "operation/operation.h"

#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>

namespace lvmpolld {

/// The claims of one connection: one for each of its requests that was accepted, on the result of
/// that request's operation. A claim is used up when the connection reads the result; at the end of
/// the connection those left over may be used by any reader. One thread at a time.
class Claims {
public:
    /// `taken_up`: the connection was an earlier daemon's. What it asks about and nobody knows was
    /// accepted by that one and is lost.
    explicit Claims(SessionNumber session = 0, bool taken_up = false)
        : session_(session), taken_up_(taken_up) {}

    ~Claims();
    Claims(const Claims&) = delete;
    Claims& operator=(const Claims&) = delete;

    /// Takes over the claim that Store::accept() counted for this connection. An unread result of
    /// an earlier run under the same identity is given up. Without memory (std::bad_alloc) the
    /// claim is given up.
    void add(const std::shared_ptr<Operation>& operation);

    /// The request is refused after all: gives up a claim that add() has taken over, if there is
    /// one.
    void take_back(const Operation& operation);

    /// Takes back `count` claims that an earlier process has recorded for this connection.
    void restore(std::shared_ptr<Operation> operation, unsigned count);

    SessionNumber session() const noexcept { return session_; }

    struct NotFound {};

    struct InProgress {};

    using Answer = std::variant<NotFound, InProgress, Result>;

    /// What this connection is to be told of the operation `identity` in `store`: the result it has
    /// a claim on, or else what the store knows.
    Answer read(Store& store, std::string_view identity);

    /// The answer was sent: what it has used up is recorded now. Were it recorded before, a crash
    /// between the two would lose the result.
    void answered();

    /// The answer can't be sent and has used up nothing: its claim may be used by any reader.
    void unanswered();

private:
    Answer answer(std::shared_ptr<Operation> operation, const Operation::Reading& reading,
                  SessionNumber session);

    /// The claims on one operation.
    struct Held {
        std::shared_ptr<Operation> operation;
        unsigned count;
    };

    /// By identity, oldest first.
    std::multimap<std::string_view, Held> claims_;
    const SessionNumber session_;
    const bool taken_up_;

    /// A result that is being sent.
    struct Answered {
        std::shared_ptr<Operation> operation;
        SessionNumber session; ///< whose claim was used; 0: nobody's
    };

    std::optional<Answered> answered_;
};

} // namespace lvmpolld
