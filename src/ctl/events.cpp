// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/events.h"

#include "base/error.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <array>

namespace lvmpolld::ctl {

namespace {

sigset_t handled_signals() {
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGWINCH})
        ::sigaddset(&signals, signal);
    return signals;
}

} // namespace

Events::Events() {
    const auto signals = handled_signals();
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    signals_.reset(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals_)
        throw_errno("cannot wait for signals");
}

Events::~Events() {
    const auto signals = handled_signals();
    ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

Events::Woken Events::wait(int descriptor, Time until) {
    if (interrupted_)
        return Woken::interrupted;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    constexpr std::chrono::milliseconds longest = std::chrono::hours(24);
    const auto patience = std::clamp(left, std::chrono::milliseconds(0), longest);
    std::array<pollfd, 2> polled{{{.fd = signals_.get(), .events = POLLIN, .revents = 0},
                                  {.fd = descriptor, .events = POLLIN, .revents = 0}}};
    const int count = ::poll(polled.data(), polled.size(), static_cast<int>(patience.count()));
    if (count < 0 && errno != EINTR)
        throw_errno("cannot wait");
    if (count <= 0)
        return Woken::timeout;
    if (polled[0].revents == 0)
        return Woken::input;
    bool resized = false;
    signalfd_siginfo signal{};
    while (::read(signals_.get(), &signal, sizeof signal) == sizeof signal) {
        if (signal.ssi_signo == SIGWINCH)
            resized = true;
        else
            interrupted_ = true;
    }
    return interrupted_ || !resized ? Woken::interrupted : Woken::resized;
}

} // namespace lvmpolld::ctl
