// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/clock.h"
#include "daemon/answer_marks.h"
#include "daemon/descriptor_store.h"
#include "daemon/loop_context.h"
#include "daemon/record_wait.h"
#include "daemon/session.h"

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>

namespace lvmpolld {

/// The threads that serve sessions. Each has an io_context of its own, and a session stays on one
/// of them. The first is the main thread; the others start with their first session.
class SessionThreads {
public:
    /// `state`: where the marks of answers are; null: nowhere. `records`: what answers wait for;
    /// null: nothing. `left` is called after the end of the last session, on its thread.
    SessionThreads(Service& service, StateDirectory* state, const Records* records, Log& log,
                   std::function<void()> left);
    ~SessionThreads();
    SessionThreads(const SessionThreads&) = delete;
    SessionThreads& operator=(const SessionThreads&) = delete;

    /// The loop of the main thread, which others may use as well.
    asio::io_context& main() noexcept { return loops_.front().context; }

    /// Serves a client. Throws if that is impossible. Main thread, as is the next.
    void open(FileDescriptor client);

    /// Goes on with a client of an earlier daemon, whose claims these are. What it holds becomes
    /// free if it can't be served.
    void take_up(FileDescriptor client, std::unique_ptr<Claims> claims);

    /// These numbers are taken, up to this.
    void reserve(SessionNumber number) noexcept { last_session_ = std::max(last_session_, number); }

    /// How many sessions there are. Any thread.
    std::size_t clients() const noexcept;

    /// Records were written. Any thread.
    void records_written();

    /// Ends all loops. Any thread.
    void stop();

    /// Waits for all threads but the main one. After stop().
    void join();

private:
    static constexpr std::size_t threads = AnswerMarks::threads;

    struct Loop {
        explicit Loop(const Records* records) : record_wait(context.get_executor(), records) {}

        /// One thread runs it and alone touches its sockets.
        LoopContext context{ASIO_CONCURRENCY_HINT_UNSAFE_IO};
        asio::executor_work_guard<asio::io_context::executor_type> work =
            asio::make_work_guard(context);
        RecordWait record_wait;
        std::atomic<std::size_t> sessions = 0;
        AnswerMarks::Mark* answering = nullptr;
        std::thread thread; ///< started with the first session; none for the main thread's
    };

    void open(FileDescriptor client, std::unique_ptr<Claims> claims, bool stored);
    Loop& loop_for_another();
    /// `claims` is the coroutine's from the beginning: whatever fails, they are not lost. `client`
    /// is its own from when it runs.
    Session::Awaitable<void> serve(Loop& loop, int client, std::unique_ptr<Claims> claims,
                                   bool stored);
    /// Hands the connection to the service manager, if it takes it.
    Session::Awaitable<void> keep(Loop& loop, int client, SessionNumber number);
    /// Of the exception that is being handled.
    void log_failed_session() const noexcept;

    Service& service_;
    Log& log_;
    const std::function<void()> left_;
    const DescriptorStore descriptor_store_;
    AnswerMarks answer_marks_;
    Clock clock_;
    SessionNumber last_session_ = 0;
    std::array<Loop, threads> loops_;
};

} // namespace lvmpolld
