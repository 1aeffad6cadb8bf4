// SPDX-License-Identifier: LGPL-2.1-or-later
#include "state/fatal_signals.h"

#include <signal.h>

#include <array>
#include <atomic>
#include <cstddef>

namespace lvmpolld {

namespace {

constexpr std::array fatal_signals{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT};

std::atomic<StateDirectory*> noted_in = nullptr;
std::array<struct sigaction, fatal_signals.size()> usual_actions;

void restore(int signal) noexcept {
    for (std::size_t each = 0; each < fatal_signals.size(); ++each)
        if (fatal_signals[each] == signal)
            ::sigaction(signal, &usual_actions[each], nullptr);
}

void note(int signal, siginfo_t* info, void*) {
    if (auto* directory = noted_in.load())
        directory->note_fault();
    restore(signal);
    // The same instruction brings the others again, if one has brought them.
    if (signal == SIGABRT || signal == SIGTRAP || info->si_code <= 0)
        ::raise(signal);
}

} // namespace

FatalSignals::FatalSignals(StateDirectory& directory) noexcept {
    noted_in = &directory;

    struct sigaction action {};

    action.sa_sigaction = note;
    action.sa_flags = SA_SIGINFO;
    ::sigemptyset(&action.sa_mask);
    for (std::size_t each = 0; each < fatal_signals.size(); ++each)
        ::sigaction(fatal_signals[each], &action, &usual_actions[each]);
}

FatalSignals::~FatalSignals() {
    for (const int signal : fatal_signals)
        restore(signal);
    noted_in = nullptr;
}

} // namespace lvmpolld
