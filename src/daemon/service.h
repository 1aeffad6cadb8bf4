// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/log.h"
#include "operation/claims.h"
#include "operation/store.h"
#include "state/state_directory.h"
#include "wire/request.h"

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <variant>

namespace lvmpolld {

/// Answers requests: the protocol's meaning, without the sockets. Any thread.
class Service {
public:
    /// The complete bytes to send.
    using Reply = std::variant<std::string_view, std::string>;

    /// `engine` is for the dump; `start` is handed each operation that is new; `state` tells whether it can
    /// write, null if nothing is written.
    Service(Store& polls, Store& aborts, std::string_view engine, Log& log,
            std::function<void(std::shared_ptr<Operation>)> start, const StateDirectory* state = nullptr)
        : polls_(polls), aborts_(aborts), engine_(engine), log_(log), start_(std::move(start)),
          state_(state) {}

    /// Answers one message of the connection that `claims` belongs to.
    Reply answer(std::string_view message, Claims& claims);

    /// From now on nothing new is started.
    void stop_starting() noexcept { stopping_ = true; }

    bool is_stopping() const noexcept { return stopping_; }

private:
    Reply answer(const wire::Hello& hello, Claims& claims);
    Reply answer(const wire::Dump& dump, Claims& claims);
    Reply answer(const wire::ProgressInfo& question, Claims& claims);
    Reply answer(wire::Start& start, Claims& claims);
    Reply answer(wire::Rejected& rejected, Claims& claims);

    Store& store_of(bool abort) noexcept { return abort ? aborts_ : polls_; }

    Store& polls_;
    Store& aborts_;
    const std::string_view engine_;
    Log& log_;
    const std::function<void(std::shared_ptr<Operation>)> start_;
    const StateDirectory* const state_;
    std::atomic<bool> stopping_ = false;
};

/// The bytes of a reply.
std::string_view bytes(const Service::Reply& reply);

} // namespace lvmpolld
