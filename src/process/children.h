// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/posix/stream_descriptor.hpp>

#include <list>
#include <memory>
#include <optional>

namespace lvmpolld {

/// Waits for the ends and the output of all children of an event loop. They share one epoll
/// descriptor, so that a child costs little more than its descriptors: thousands may be waited for
/// at a time. Everything runs on the loop's one thread.
class Children {
public:
    explicit Children(asio::any_io_executor executor);
    ~Children();
    Children(const Children&) = delete;
    Children& operator=(const Children&) = delete;

private:
    friend class Child;
    class Process;
    using Processes = std::list<std::shared_ptr<Process>>;

    /// Throws std::system_error or std::bad_alloc if it can't be waited for; then it is forgotten.
    void add(const std::shared_ptr<Process>& process);
    void wait();
    void dispatch();

    asio::any_io_executor executor_;
    std::optional<asio::posix::stream_descriptor> ready_; ///< from the first child on
    Processes processes_;  ///< those that run or whose output isn't closed
    bool waiting_ = false; ///< the loop will call dispatch()
};

} // namespace lvmpolld
