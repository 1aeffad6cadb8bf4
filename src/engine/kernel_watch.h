// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/clock.h"
#include "dm/kernel.h"

#include <asio/any_io_executor.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <list>
#include <optional>

namespace lvmpolld {

/// Wakes those who wait for device-mapper's events. One descriptor serves all of them; while nobody
/// waits it isn't listened to, so that other people's devices wake nobody. Nor is it for a while
/// after an event: of a storm one event each pause costs anything, which is enough, since whatever
/// has happened by then is noticed. Monitor thread.
class KernelWatch {
public:
    static constexpr std::chrono::milliseconds shortest_pause{20};
    /// The pause doubles up to this while events follow each other and wake nobody.
    static constexpr std::chrono::milliseconds longest_pause{80};

    KernelWatch(asio::any_io_executor executor, Clock& clock, dm::Kernel& kernel)
        : executor_(std::move(executor)), clock_(clock), kernel_(kernel) {}

    dm::Kernel& kernel() noexcept { return kernel_; }

    /// What to be woken for.
    struct Interest {
        /// Asked after each event of any device: wake? It asks the kernel something, and may fail
        /// with a std::system_error. Who is woken has to change what the answer depends on, or to
        /// end the subscription. None: at every event.
        std::function<bool()> concerns;
        std::function<void()> wake;
    };

    /// Keeps an interest for its own lifetime.
    class Subscription {
    public:
        Subscription(KernelWatch& watch, Interest interest);
        ~Subscription();
        Subscription(const Subscription&) = delete;
        Subscription& operator=(const Subscription&) = delete;

        /// Nobody had listened before: what came since the last look, before this, has woken nobody
        /// who is woken at every event.
        bool began() const noexcept { return began_; }

    private:
        KernelWatch& watch_;
        std::list<Interest>::iterator position_;
        bool began_;
    };

private:
    void remove(std::list<Interest>::iterator position);
    void start();
    void listen();
    void dispatch();
    bool wake();
    void pause();
    void go_on();
    void fail();
    void stop();

    asio::any_io_executor executor_;
    Clock& clock_;
    dm::Kernel& kernel_;
    std::list<Interest> interests_;
    std::optional<asio::posix::stream_descriptor> events_; ///< while it is listened to
    std::optional<asio::steady_timer> pause_;              ///< from the first event on
    std::chrono::milliseconds duration_ = shortest_pause;  ///< of the pause after the next event
    bool started_ = false;                                 ///< listens, or pauses
    unsigned starts_ = 0; ///< tells handlers that belong to an earlier time
};

} // namespace lvmpolld
