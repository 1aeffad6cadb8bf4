// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/file_descriptor.h"
#include "base/log.h"
#include "base/mutex.h"
#include "operation/record.h"
#include "state/record_text.h"
#include "state/space_reserve.h"
#include "state/state_marks.h"

#include <atomic>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace lvmpolld {

/// A directory of records: a file for each operation, `poll-NUMBER` or `abort-NUMBER`, replaced as
/// a whole by rename(2) and never synced: a reboot ends the operations, too. Any thread; the calls
/// for one record come one after the other.
class StateDirectory {
public:
    /// A file beside the records that isn't this class's (daemon/answer_marks.h).
    static constexpr auto answer_marks_name = "answering";
    /// The file that lists the suspect copies.
    static constexpr auto suspects_name = "suspects";

    /// Opens the directory if there is one, and locks it against other daemons. Waits a moment for
    /// a child that a killed daemon was just about to start. If it can't be used the log says so,
    /// and nothing is written: nobody else would serve.
    /// Throws std::system_error for want of memory or descriptors, which passes.
    StateDirectory(std::string_view path, Log& log);

    /// Makes the directory, private to its user, if there was none; else the first record does.
    /// False, and it's in the log, if it can't be made. The next record tries again then.
    bool make() noexcept;

    /// There is a directory, which an earlier daemon may have made.
    bool is_open() const noexcept { return static_cast<bool>(directory_); }

    /// From now on a daemon runs that goes on with what is there: until end_life() its end is a
    /// crash. A file that the last ones have crashed over is set aside, with an error in the log.
    /// Returns how many have crashed in a row; 0: the last one ended in order, or nothing is known.
    /// Once, before anything is loaded.
    std::uint64_t begin_life();

    /// The daemon ends in order.
    void end_life() noexcept { marks_.end(); }

    /// Notes that the daemon dies by its own fault: by a signal or an exception. Safe in a signal
    /// handler.
    void note_fault() noexcept { marks_.note_fault(); }

    /// Whose fault a crash is from now on. One thread at a time.
    void take_up(TakenUp file) noexcept { marks_.take_up(file); }

    /// Every record, by number. Says in the log when the last daemon could not write all of them.
    /// Files that can't be used are set aside, `NAME.set-aside`, with one warning for all of them.
    /// Throws std::system_error if one can't be read for want of memory or descriptors.
    std::vector<Record> load();

    /// The files that this process has set aside, as they were called.
    const std::vector<std::string>& set_aside_files() const noexcept { return set_aside_; }

    /// The suspect copies. A list that can't be used is set aside, with a warning. Throws likewise.
    SuspectList load_suspects();

    /// Writes or replaces the record of this number. What fails here is in the log, once, and in
    /// failure().
    void save(const Record& record) noexcept;

    /// Removes a record, if there is one.
    void remove(bool abort, RecordNumber number) noexcept;

    /// Writes down which copies are suspect, in place of those before.
    void save_suspects(const SuspectList& copies) noexcept;

    /// Takes note that a record couldn't even be made, for this reason (errno): like a failure of
    /// save().
    void report(int error) noexcept;

    /// What was last not written, and why; empty while everything is.
    std::string failure() const;

    /// Its files are memory: writing one waits for no device. False until the directory is there.
    bool is_memory() const noexcept { return is_memory_; }

    const std::string& path() const noexcept { return path_; }

private:
    /// Throws std::system_error for what may pass.
    void make_now() REQUIRES(opening_);
    /// Throws std::system_error for want of memory or descriptors.
    void open();
    /// The names of its files. What an error hides is in the log; throws like load().
    std::vector<std::string> names();
    std::variant<Record, Unreadable> load(const std::string& name) const;
    void say_what_is_missing();
    void set_aside_accused(TakenUp file, const std::string& reason);
    /// "NAME (REASON)"; empty if the file has gone.
    std::string put_aside(const std::string& name, const std::string& reason);
    /// Writes what the functions give, or notes why it can't be written.
    void write(const std::function<std::string()>& name_of,
               const std::function<std::string()>& text_of) noexcept;
    /// With the reserve, if there is no other space.
    void replace_from_reserve(const std::string& name, std::string_view text);
    bool give_up_reserve() noexcept;
    void forget_missing(const std::string& name) noexcept;
    /// Says that writing fails, or (0) that it works again.
    void note(int error) noexcept;

    const std::string path_;
    Log& log_;
    Mutex opening_;
    std::atomic<bool> is_settled_ = false;      ///< it is open, or never will be
    bool is_made_ GUARDED_BY(opening_) = false; ///< by this process
    FileDescriptor directory_;                  ///< unchanged once settled
    std::string boot_;
    std::vector<std::string> set_aside_; ///< by the thread that loads
    std::atomic<bool> is_memory_ = false;
    std::atomic<int> error_ = 0; ///< of the last writing
    Mutex mutex_;
    std::set<std::string> missing_ GUARDED_BY(mutex_); ///< the files that could not be written last
    bool unknown_missing_ GUARDED_BY(mutex_) = false;  ///< records that could not even be made
    StateMarks marks_;
    SpaceReserve reserve_ GUARDED_BY(mutex_);
};

} // namespace lvmpolld
