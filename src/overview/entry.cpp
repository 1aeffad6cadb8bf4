// SPDX-License-Identifier: LGPL-2.1-or-later
#include "overview/entry.h"

#include <algorithm>
#include <array>
#include <span>
#include <variant>

namespace lvmpolld::overview {

namespace {

using Words = std::span<const std::string_view>;

constexpr std::array<std::string_view, 10> kinds{
    "pvmove",      "convert",     "merge",     "mergeThin",  "raidSynchronisation",
    "raidRebuild", "raidReshape", "raidScrub", "cacheFlush", "writecacheFlush"};
constexpr std::array<std::string_view, 2> stores{"poll", "abort"};
constexpr std::array<std::string_view, 3> pollers{"daemon", "nobody", "notNeeded"};
constexpr std::array<std::string_view, 2> engines{"watched", "resident"};
constexpr std::array<std::string_view, 9> states{"accepted", "watching", "verifying",
                                                 "stepping", "resident", "fenced",
                                                 "copying",  "complete", "finished"};
constexpr std::array<std::string_view, 5> verifications{"none", "suspect", "comparing", "equal",
                                                        "different"};
constexpr std::array<std::string_view, 6> endings{"completed", "failed", "killed",
                                                  "unknown",   "gone",   "takenOver"};

Words words_of(Kind) {
    return kinds;
}

Words words_of(StoreKind) {
    return stores;
}

Words words_of(PolledBy) {
    return pollers;
}

Words words_of(Engine) {
    return engines;
}

Words words_of(State) {
    return states;
}

Words words_of(Verification) {
    return verifications;
}

Words words_of(Ending) {
    return endings;
}

template <class Enumeration>
std::string_view word_of(Enumeration value) noexcept {
    return words_of(value)[static_cast<std::size_t>(value)];
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
    const auto words = words_of(Enumeration{});
    const auto found = std::ranges::find(words, text);
    if (found == words.end())
        return std::nullopt;
    return static_cast<Enumeration>(found - words.begin());
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

} // namespace lvmpolld::overview
