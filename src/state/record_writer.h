// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/limits.h"
#include "operation/record.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <variant>
#include <vector>

namespace lvmpolld {

class StateDirectory;

/// Writes records one after the other in the order in which they were given, and never under a lock
/// that anybody waits for who does something else:
///
///     save() ──► tasks_ ──► whoever has the turn takes the first, writes it, counts it as written
///
/// That is a thread of its own, so that no client of another LV and no lvpoll waits for the file
/// system. Where the directory is memory (tmpfs, ramfs), which takes less time than waking a
/// thread, write() does it if nobody else does. The thread starts with the first record; if it
/// can't be started the record counts as one that can't be written. Any thread.
class RecordWriter final : public Records {
public:
    /// `written` is called on the writing thread each time that something was written. `wake`, if
    /// given, is called under a lock in place of waking a thread: then there is none, and
    /// write_one() is to be called until there is nothing to write.
    RecordWriter(StateDirectory& directory, std::function<void()> written,
                 std::function<void()> wake = nullptr);
    ~RecordWriter() override;
    RecordWriter(const RecordWriter&) = delete;
    RecordWriter& operator=(const RecordWriter&) = delete;

    Ticket save(const Record& record, By by) noexcept override;
    void write() noexcept override;
    void report(int error) noexcept override;
    void remove(bool abort, RecordNumber number) noexcept override;
    void save_suspects(const SuspectList& copies) noexcept override;
    bool is_written(Ticket ticket) const noexcept override;

    /// Writes the first of what was given. False if there is nothing.
    bool write_one() noexcept;

    /// Writes all that was given so far. From now on nothing is: what the end of the daemon does to
    /// its clients' claims is no news. A directory that hangs is waited for so long; returns the
    /// files that were not written or removed by then. If there are any, this object and its
    /// directory have to stay: the destructor waits for their writing.
    std::vector<std::string> close(std::chrono::milliseconds patience = limits::record_patience);

private:
    struct Removal {
        bool abort;
        RecordNumber number;
    };

    using Task = std::variant<Record, Removal, SuspectList>;

    /// Of a copy of `task`, which may need memory.
    template <typename Content>
    Ticket put(const Content& task, By by) noexcept;
    void run() noexcept;
    /// With the mutex.
    void wake_writer() noexcept;
    /// Writes the first task. False if there is none. With the turn.
    bool write_next() noexcept;
    void perform(const Task& task) noexcept;
    static std::string file_of(const Task& task);

    StateDirectory& directory_;
    const std::function<void()> written_callback_;
    const std::function<void()> wake_; ///< null: there is a thread
    std::mutex turn_;                  ///< of the one who writes; comes before the other
    std::mutex mutex_;                 ///< of the members up to the empty line
    std::condition_variable changed_;
    std::list<Task> tasks_;         ///< keeps nothing of the longest it ever was
    const Task* writing_ = nullptr; ///< that is under way
    Ticket last_ = 0;
    bool awake_ = false; ///< who writes was told that there are tasks
    bool closed_ = false;
    bool ended_ = false; ///< the thread

    std::atomic<Ticket> written_ = 0;
    std::thread thread_;
};

} // namespace lvmpolld
