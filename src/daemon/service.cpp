// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/service.h"

#include "base/harmless.h"
#include "daemon/dump.h"
#include "lvpoll/lvpoll_end.h"
#include "wire/reply.h"

#include <algorithm>
#include <new>
#include <optional>
#include <utility>

namespace lvmpolld {

namespace {

void log_lines(Log& log, std::string_view mark, std::string_view text) {
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        log.write(LogLevel::wire, std::string(mark).append(line));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
    }
}

/// What the client says of itself, fit for a line of the log.
std::string asked_by(const std::optional<std::string>& cmdline) {
    if (!cmdline)
        return {};
    constexpr std::size_t most_characters = 256;
    auto text = cmdline->substr(0, most_characters);
    make_harmless(text);
    return ", asked by `" + text + "`";
}

Service::Reply reply_of(const Result& result) {
    if (const auto* exited = std::get_if<Exited>(&result))
        return wire::reply::finished(*exited);
    if (const auto* killed = std::get_if<Killed>(&result))
        return wire::reply::finished(*killed);
    return wire::reply::polling_failed;
}

} // namespace

std::string_view bytes(const Service::Reply& reply) {
    if (const auto* view = std::get_if<std::string_view>(&reply))
        return *view;
    const auto* text = std::get_if<std::string>(&reply);
    return text != nullptr ? std::string_view(*text) : std::string_view();
}

Service::Reply Service::answer(std::string_view message, Claims& claims) {
    const bool logged = log_.enabled(LogLevel::wire);
    Reply reply = wire::reply::out_of_memory;
    try {
        if (logged)
            log_lines(log_, "<- ", message);
        auto request = wire::parse_request(message);
        reply = std::visit([&](auto& known) { return answer(known, claims); }, request);
        if (logged)
            log_lines(log_, "-> ", bytes(reply));
    } catch (const std::bad_alloc&) {
        log_.write(LogLevel::error, "not enough memory for a request");
    }
    return reply;
}

Service::Reply Service::answer(const wire::Hello&, Claims&) {
    statistics_->requests.hello.add();
    return wire::reply::hello;
}

Service::Reply Service::answer(const wire::Dump&, Claims&) {
    statistics_->requests.dump.add();
    return wire::reply::terminate(
        dump(polls_, aborts_, engine_, state_ != nullptr ? state_->failure() : std::string()));
}

Service::Reply Service::answer(wire::Rejected& rejected, Claims&) {
    statistics_->requests.rejected.add();
    return std::move(rejected.reply);
}

Service::Reply Service::answer(const wire::ProgressInfo& question, Claims& claims) {
    statistics_->requests.progress.add();
    const auto answer = claims.read(store_of(question.abort), question.identity.text());
    if (std::holds_alternative<Claims::NotFound>(answer))
        return wire::reply::not_found;
    if (std::holds_alternative<Claims::InProgress>(answer))
        return wire::reply::in_progress;
    try {
        return reply_of(std::get<Result>(answer));
    } catch (const std::bad_alloc&) {
        claims.unanswered();
        throw;
    }
}

Service::Reply Service::answer(wire::Start& start, Claims& claims) {
    if (stopping_)
        return wire::reply::failed("lvmpolld is stopping");
    const auto type =
        start.request.abort ? Statistics::abort : static_cast<std::size_t>(start.request.type);
    statistics_->requests.starts[type].add();
    const auto description = describe(start.request);
    auto& store = store_of(start.request.abort);
    const auto outcome = store.accept(std::move(start.request), claims.session());
    if (const auto* taken = std::get_if<Store::Accepted>(&outcome)) {
        Accepted accepted(taken->operation, taken->started);
        try {
            claims.add(taken->operation);
            if (log_.enabled(LogLevel::info))
                log_.write(LogLevel::info, description +
                                               (taken->started ? ": accepted" : ": joined") +
                                               asked_by(start.cmdline));
        } catch (const std::exception& error) {
            return refuse(accepted, claims, error);
        }
        const auto ticket = taken->operation->last_ticket();
        if (!taken->operation->is_written(ticket))
            return Recording{std::move(accepted), ticket};
        return begin(std::move(accepted), claims);
    }
    if (std::holds_alternative<Store::DifferentOperation>(outcome))
        return wire::reply::different_operation;
    log_.write(LogLevel::error, description + ": refused, too many operations");
    return wire::reply::out_of_memory;
}

Service::Reply Service::recorded(Recording recording, Claims& claims) {
    Reply reply = wire::reply::out_of_memory;
    try {
        reply = begin(std::move(recording.accepted), claims);
        if (log_.enabled(LogLevel::wire))
            log_lines(log_, "-> ", bytes(reply));
    } catch (const std::bad_alloc&) {
        log_.write(LogLevel::error, "not enough memory for a request");
    }
    return reply;
}

Service::Reply Service::begin(Accepted accepted, Claims& claims) {
    try {
        if (accepted.started())
            start_(accepted.operation());
        accepted.release();
        return wire::reply::ok;
    } catch (const std::exception& error) {
        return refuse(accepted, claims, error);
    }
}

Service::Reply Service::refuse(const Accepted& accepted, Claims& claims,
                               const std::exception& error) {
    claims.take_back(*accepted.operation());
    log_.write(LogLevel::error,
               describe(accepted.operation()->request()) + ": refused: " + error.what());
    return wire::reply::out_of_memory;
}

Service::Accepted::~Accepted() {
    if (operation_ && started_) // or it would be in progress for ever
        operation_->store().fail(*operation_);
}

} // namespace lvmpolld
