// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <atomic>

namespace lvmpolld {

/// One byte of a directory that says whether records are missing there. Its file is allocated and
/// mapped at the start: the byte can be set when nothing can be written any more, and it outlives a
/// kill.
class MissingMark {
public:
    static constexpr auto file_name = "records-missing";

    MissingMark() = default;
    ~MissingMark();
    MissingMark(const MissingMark&) = delete;
    MissingMark& operator=(const MissingMark&) = delete;

    /// Opens the file of `directory`, or makes it, and marks it if the mark is set. If that fails
    /// the mark dies with the process. Once.
    void open(int directory) noexcept;

    /// Any thread.
    bool is_set() const noexcept { return std::atomic_ref(*byte_.load()).load() != 0; }

    /// Any thread.
    void set(bool missing) noexcept {
        char* place = nullptr;
        do { // the file may be opened meanwhile
            place = byte_;
            std::atomic_ref(*place).store(missing ? 1 : 0);
        } while (byte_ != place);
    }

private:
    char own_ = 0; ///< without a file
    std::atomic<char*> byte_ = &own_;
};

} // namespace lvmpolld
