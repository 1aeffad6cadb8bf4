// SPDX-License-Identifier: LGPL-2.1-or-later
#include "overview/entry.h"

#include <algorithm>
#include <array>
#include <variant>

namespace lvmpolld::overview {

namespace {

using Word = std::string_view;

/// Of each enumeration, in the order of its values.
template <class Enumeration>
constexpr std::array<Word, 0> words{};
template <>
constexpr std::array<Word, 10> words<Kind>{
    "pvmove",      "convert",     "merge",     "mergeThin",  "raidSynchronisation",
    "raidRebuild", "raidReshape", "raidScrub", "cacheFlush", "writecacheFlush"};
template <>
constexpr std::array<Word, 2> words<StoreKind>{"poll", "abort"};
template <>
constexpr std::array<Word, 3> words<PolledBy>{"daemon", "nobody", "notNeeded"};
template <>
constexpr std::array<Word, 2> words<Engine>{"watched", "resident"};
template <>
constexpr std::array<Word, 9> words<State>{"accepted", "watching", "verifying",
                                           "stepping", "resident", "fenced",
                                           "copying",  "complete", "finished"};
template <>
constexpr std::array<Word, 5> words<Verification>{"none", "suspect", "comparing", "equal",
                                                  "different"};
template <>
constexpr std::array<Word, 6> words<Ending>{"completed", "failed", "killed",
                                            "unknown",   "gone",   "takenOver"};

template <class Enumeration>
std::string_view word_of(Enumeration value) noexcept {
    return words<Enumeration>[static_cast<std::size_t>(value)];
}

} // namespace

std::string_view name(Kind kind) noexcept {
    return word_of(kind);
}

std::string_view name(StoreKind store) noexcept {
    return word_of(store);
}

std::string_view name(PolledBy polled_by) noexcept {
    return word_of(polled_by);
}

std::string_view name(Engine engine) noexcept {
    return word_of(engine);
}

std::string_view name(State state) noexcept {
    return word_of(state);
}

std::string_view name(Verification verification) noexcept {
    return word_of(verification);
}

std::string_view name(Ending ending) noexcept {
    return word_of(ending);
}

template <class Enumeration>
std::optional<Enumeration> named(std::string_view text) {
    const auto found = std::ranges::find(words<Enumeration>, text);
    if (found == words<Enumeration>.end())
        return std::nullopt;
    return static_cast<Enumeration>(found - words<Enumeration>.begin());
}

template std::optional<Kind> named(std::string_view text);
template std::optional<StoreKind> named(std::string_view text);
template std::optional<PolledBy> named(std::string_view text);
template std::optional<Engine> named(std::string_view text);
template std::optional<State> named(std::string_view text);
template std::optional<Verification> named(std::string_view text);
template std::optional<Ending> named(std::string_view text);

Outcome outcome_of(const Result& result, std::string reason) {
    reason.erase(0, reason.find_first_not_of(' ')); // lvm indents what it prints
    if (const auto* exited = std::get_if<Exited>(&result))
        return {.ending = exited->code == 0 ? Ending::completed : Ending::failed,
                .exit_code = exited->code,
                .reason = std::move(reason)};
    if (const auto* killed = std::get_if<Killed>(&result))
        return {.ending = Ending::killed, .signal = killed->signal, .reason = std::move(reason)};
    return {.ending = Ending::unknown, .reason = std::move(reason)};
}

Entry ended(const Entry& last, Outcome outcome, WallTime now) {
    auto entry = last;
    entry.state = State::finished;
    entry.finished = now;
    entry.bytes_per_second.reset();
    entry.expected_end.reset();
    entry.result = std::move(outcome);
    return entry;
}

} // namespace lvmpolld::overview
