// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/log.h"
#include "base/statistics.h"
#include "operation/claims.h"
#include "operation/record.h"
#include "operation/store.h"
#include "state/state_directory.h"
#include "wire/request.h"

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace lvmpolld {

/// Answers requests: the protocol's meaning, without the sockets. Any thread.
class Service {
public:
    /// An operation that was accepted, and that fails unless it is begun.
    class Accepted {
    public:
        Accepted(std::shared_ptr<Operation> operation, bool started)
            : operation_(std::move(operation)), started_(started) {}

        Accepted(Accepted&&) noexcept = default;

        Accepted& operator=(Accepted&& other) noexcept {
            std::swap(operation_, other.operation_);
            std::swap(started_, other.started_);
            return *this;
        }

        ~Accepted();

        /// It was new with this request.
        bool started() const noexcept { return started_; }

        const std::shared_ptr<Operation>& operation() const noexcept { return operation_; }

        /// From now on it is others' to end.
        std::shared_ptr<Operation> release() noexcept { return std::exchange(operation_, nullptr); }

    private:
        std::shared_ptr<Operation> operation_;
        bool started_;
    };

    /// The answer has to wait for a record.
    struct Recording {
        Accepted accepted;
        Records::Ticket ticket;
    };

    /// The complete bytes to send, or what to wait for before recorded() gives them.
    using Reply = std::variant<std::string_view, std::string, Recording>;

    /// `engine` is for the dump; `start` is handed each operation that is new; `state` tells
    /// whether it can write, null if nothing is written.
    Service(Store& polls, Store& aborts, std::string_view engine, Log& log,
            std::function<void(std::shared_ptr<Operation>)> start,
            const StateDirectory* state = nullptr,
            std::shared_ptr<Statistics> statistics = std::make_shared<Statistics>())
        : polls_(polls), aborts_(aborts), engine_(engine), log_(log), start_(std::move(start)),
          state_(state), statistics_(std::move(statistics)) {}

    Statistics& statistics() noexcept { return *statistics_; }

    /// Answers one message of the connection that `claims` belongs to.
    Reply answer(std::string_view message, Claims& claims);

    /// The answer to a request of the same connection whose record is written now.
    Reply recorded(Recording recording, Claims& claims);

    /// From now on nothing new is started.
    void stop_starting() noexcept { stopping_ = true; }

    bool is_stopping() const noexcept { return stopping_; }

private:
    Reply answer(const wire::Hello& hello, Claims& claims);
    Reply answer(const wire::Dump& dump, Claims& claims);
    Reply answer(const wire::ProgressInfo& question, Claims& claims);
    Reply answer(wire::Start& start, Claims& claims);
    Reply answer(wire::Rejected& rejected, Claims& claims);
    Reply begin(Accepted accepted, Claims& claims);
    Reply refuse(const Accepted& accepted, Claims& claims, const std::exception& error);

    Store& store_of(bool abort) noexcept { return abort ? aborts_ : polls_; }

    Store& polls_;
    Store& aborts_;
    const std::string_view engine_;
    Log& log_;
    const std::function<void(std::shared_ptr<Operation>)> start_;
    const StateDirectory* const state_;
    const std::shared_ptr<Statistics> statistics_;
    std::atomic<bool> stopping_ = false;
};

/// The bytes of a reply; none if it has to wait.
std::string_view bytes(const Service::Reply& reply);

} // namespace lvmpolld
