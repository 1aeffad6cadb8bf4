// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/file_descriptor.h"
#include "base/log.h"
#include "operation/record.h"

#include <atomic>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace lvmpolld {

/// A directory of records: a file for each operation, `poll-NUMBER` or `abort-NUMBER`, replaced as a whole by
/// rename(2) and never synced: a reboot ends the operations, too. Any thread; the calls for one record come
/// one after the other.
class StateDirectory : public Records {
public:
    /// A file beside the records that isn't this class's (daemon/answer_marks.h).
    static constexpr auto answer_marks_name = "answering";
    /// The file that lists the suspect copies.
    static constexpr auto suspects_name = "suspects";

    /// Opens the directory if there is one, and locks it against other daemons. Waits a moment for a child
    /// that a killed daemon was just about to start. If it can't be used the log says so, and nothing is
    /// written: nobody else would serve.
    StateDirectory(std::string_view path, Log& log);

    /// Makes the directory, private to its user, if there was none; else the first record does. False, and
    /// it's in the log, if it can't be made.
    bool make() noexcept;

    /// Every record, by number. Files that can't be used are set aside, `NAME.set-aside`, with one warning
    /// for all of them. Throws std::system_error if one can't be read for want of memory or descriptors.
    std::vector<Record> load();

    /// The suspect copies. A list that can't be used is set aside, with a warning. Throws likewise.
    std::set<CopyIdentity> load_suspects();

    void save(const Record& record) noexcept override;
    void report(int error) noexcept override;
    void remove(bool abort, RecordNumber number) noexcept override;
    void save_suspects(const std::set<CopyIdentity>& copies) noexcept override;

    /// From now on nothing is written: what the end of the daemon does to its clients' claims is no news.
    void close() noexcept { closed_ = true; }

    /// What was last not written, and why; empty while everything is.
    std::string failure() const;

    const std::string& path() const noexcept { return path_; }

private:
    void open() noexcept;
    void attempt(const std::function<void()>& writing) noexcept;
    void write(const std::string& name, std::string_view text) const;
    std::optional<std::string> set_aside(const std::string& name, const std::string& reason) const;

    const std::string path_;
    Log& log_;
    std::once_flag opened_; ///< or failed to be made
    FileDescriptor directory_;
    std::string boot_;
    std::atomic<bool> closed_ = false;
    std::atomic<int> error_ = 0; ///< of the last writing
};

} // namespace lvmpolld
