// SPDX-License-Identifier: LGPL-2.1-or-later
#include "state/record_writer.h"

#include "base/narrow_thread.h"
#include "state/state_directory.h"

#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

namespace lvmpolld {

RecordWriter::RecordWriter(StateDirectory& directory, std::function<void()> written,
                           std::function<void()> wake)
    : directory_(directory), written_callback_(std::move(written)), wake_(std::move(wake)) {}

RecordWriter::~RecordWriter() {
    close();
    if (thread_.joinable())
        thread_.join();
}

Records::Ticket RecordWriter::save(const Record& record, By by) noexcept {
    return put(record, by);
}

void RecordWriter::remove(bool abort, RecordNumber number) noexcept {
    put(Removal{abort, number}, By::writer);
}

void RecordWriter::save_suspects(const SuspectList& copies) noexcept {
    put(copies, By::writer);
}

void RecordWriter::report(int error) noexcept {
    directory_.report(error);
}

bool RecordWriter::is_written(Ticket ticket) const noexcept {
    return written_ >= ticket;
}

template <typename Content>
Records::Ticket RecordWriter::put(const Content& task, By by) noexcept {
    int error = 0;
    try {
        const std::lock_guard lock(mutex_);
        if (closed_)
            return 0;
        if (!wake_ && !thread_.joinable())
            thread_ = std::thread([this] { run(); });
        tasks_.emplace_back(task);
        if (by == By::writer)
            wake_writer();
        return ++last_;
    } catch (const std::system_error& no_thread) {
        error = no_thread.code().value();
    } catch (const std::bad_alloc&) {
        error = ENOMEM;
    }
    directory_.report(error);
    return 0;
}

void RecordWriter::write() noexcept {
    if (directory_.is_memory()) {
        if (const std::unique_lock turn(turn_, std::try_to_lock); turn)
            while (write_next()) {
            }
    }
    // What somebody else with the turn has not seen any more is the thread's.
    const std::lock_guard lock(mutex_);
    if (!tasks_.empty())
        wake_writer();
}

void RecordWriter::wake_writer() noexcept {
    if (std::exchange(awake_, true))
        return;
    if (wake_)
        wake_();
    else
        changed_.notify_one();
}

void RecordWriter::run() noexcept {
    narrow_thread(rights::files);
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] { return closed_ || awake_; });
            if (closed_ && tasks_.empty()) {
                ended_ = true;
                changed_.notify_all();
                return;
            }
        }
        const std::lock_guard turn(turn_);
        while (write_next()) {
        }
    }
}

bool RecordWriter::write_one() noexcept {
    const std::lock_guard turn(turn_);
    return write_next();
}

bool RecordWriter::write_next() noexcept {
    std::unique_lock lock(mutex_);
    if (tasks_.empty()) {
        awake_ = false;
        return false;
    }
    std::list<Task> taken;
    taken.splice(taken.begin(), tasks_, tasks_.begin());
    writing_ = &taken.front();
    lock.unlock();
    perform(taken.front());
    lock.lock();
    writing_ = nullptr;
    lock.unlock();
    ++written_;
    written_callback_();
    return true;
}

void RecordWriter::perform(const Task& task) noexcept {
    if (const auto* record = std::get_if<Record>(&task))
        directory_.save(*record);
    else if (const auto* removal = std::get_if<Removal>(&task))
        directory_.remove(removal->abort, removal->number);
    else
        directory_.save_suspects(std::get<SuspectList>(task));
}

std::string RecordWriter::file_of(const Task& task) {
    if (const auto* record = std::get_if<Record>(&task))
        return record_name(record->request.abort, record->number);
    if (const auto* removal = std::get_if<Removal>(&task))
        return record_name(removal->abort, removal->number);
    return StateDirectory::suspects_name;
}

std::vector<std::string> RecordWriter::close(std::chrono::milliseconds patience) {
    std::vector<std::string> unwritten;
    std::unique_lock lock(mutex_);
    closed_ = true;
    changed_.notify_all();
    if (wake_) {
        lock.unlock();
        while (write_one()) {
        }
        return unwritten;
    }
    if (!thread_.joinable())
        return unwritten;
    if (changed_.wait_for(lock, patience, [&] { return ended_; })) {
        lock.unlock();
        thread_.join();
        return unwritten;
    }
    if (writing_ != nullptr)
        unwritten.push_back(file_of(*writing_));
    for (const auto& task : tasks_)
        unwritten.push_back(file_of(task));
    return unwritten;
}

} // namespace lvmpolld
