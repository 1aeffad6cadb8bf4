// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "state/crash_history.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace lvmpolld {

/// What a daemon tells the next one by single words in a file of the state directory: whether
/// records are missing there, and what it is about to take up. The file is allocated and mapped at
/// the start: a word can be stored when nothing can be written any more, costs no system call, and
/// outlives a kill.
class StateMarks {
public:
    /// Earlier versions have one byte there, which says whether records are missing. It is still
    /// the first one.
    static constexpr auto file_name = "records-missing";
    static constexpr std::size_t bytes = 128;

    StateMarks() = default;
    ~StateMarks();
    StateMarks(const StateMarks&) = delete;
    StateMarks& operator=(const StateMarks&) = delete;

    /// Opens the file of `directory`, or makes it, and marks it if records are missing. If that
    /// fails the marks die with the process. Once.
    void open(int directory) noexcept;

    /// Any thread, as is the next.
    bool is_missing() const noexcept;
    void set_missing(bool missing) noexcept;

    /// How the file cannot tell: the number of a format that this version does not know.
    struct UnknownFormat {
        std::uint64_t number;
    };

    using History = std::variant<CrashHistory, UnknownFormat>;

    /// What the daemons of the boot `boot` have left; empty if there was none.
    History history(std::string_view boot) const noexcept;

    /// From now on the file says this. After open().
    void store(const CrashHistory& history, std::string_view boot) noexcept;

    /// Likewise, of the history alone: what is taken up now, and that the daemon ends in order. One
    /// thread at a time.
    void take_up(TakenUp file) noexcept;
    void end() noexcept;

    /// Likewise, that it dies by its own fault; before store() nothing, for what is there is
    /// another daemon's history. Any thread; safe in a signal handler.
    void note_fault() noexcept;

private:
    using Words = std::array<std::uint64_t, bytes / sizeof(std::uint64_t)>;

    Words own_{}; ///< without a file
    std::atomic<Words*> words_ = &own_;
    std::atomic<bool> is_stored_ = false;
};

/// The history in the file of the state directory `path`; nothing if it can't be read, and then
/// errno says why.
std::optional<StateMarks::History> read_crash_history(const std::string& path);

} // namespace lvmpolld
