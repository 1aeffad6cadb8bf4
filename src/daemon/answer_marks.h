// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "operation/store.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>

namespace lvmpolld {

/// Which connection each control thread is answering at the moment, in a file that is mapped: what
/// a killed daemon has left there tells the next one whose request was taken out of its socket and
/// perhaps not answered. A thread answers one request at a time.
class AnswerMarks {
public:
    using Mark = std::atomic<SessionNumber>;
    static_assert(Mark::is_always_lock_free);
    static constexpr std::size_t threads = 2;

    /// `directory`: where the file is; empty, or if it can't be used: the marks die with the
    /// process.
    explicit AnswerMarks(const std::string& directory);
    ~AnswerMarks();
    AnswerMarks(const AnswerMarks&) = delete;
    AnswerMarks& operator=(const AnswerMarks&) = delete;

    /// The mark of a thread; 0: it answers nobody.
    Mark& of(std::size_t thread) noexcept { return marks_[thread]; }

    /// Whether the last daemon was killed while it answered this connection.
    bool was_interrupted(SessionNumber session) const { return interrupted_.contains(session); }

private:
    std::array<Mark, threads> own_{}; ///< without a file
    std::span<Mark, threads> marks_ = own_;
    std::set<SessionNumber> interrupted_;
};

} // namespace lvmpolld
