// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "process/child.h"
#include "process/line_splitter.h"

namespace lvmpolld {

/// What is waited for of one child: its end and the ends of its two pipes, which a grandchild may
/// keep open.
class Children::Process : public std::enable_shared_from_this<Process> {
public:
    Process(SpawnedProcess process, Child::Line line, Child::End end);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    /// Throws std::system_error if `epoll` doesn't take the descriptors.
    void watch_with(int epoll);

    /// Reads what there is to read, then reports the end.
    void advance();

    /// Nothing more will come.
    bool is_over() const noexcept { return !pidfd_ && !output_.descriptor && !error_.descriptor; }

    /// Nobody wants to know the end any more.
    void forsake() noexcept { end_ = nullptr; }

    void terminate() noexcept;

    Processes::iterator position; ///< in the list of those that are waited for

private:
    struct Pipe {
        FileDescriptor descriptor;
        LineSplitter lines;
    };

    void drain(Pipe& pipe, Child::Stream stream);
    void reap();
    void close(FileDescriptor& descriptor) const noexcept;

    int epoll_ = -1; ///< borrowed from the Children
    FileDescriptor pidfd_;
    Pipe output_;
    Pipe error_;
    Child::Line line_;
    Child::End end_;
};

} // namespace lvmpolld
