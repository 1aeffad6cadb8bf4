// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace lvmpolld::dm {

/// The memory that a request to device-mapper and its reply share. It is there at any time: when it
/// cannot grow it stays as it was.
class ReplyBuffer {
public:
    static constexpr std::size_t initial_bytes = 4096;
    /// What is kept between two questions; a table with a thousand segments needs about 64 KiB.
    static constexpr std::size_t kept_bytes = std::size_t{256} << 10;
    /// Above any list or table that a kernel could give; a bound against a runaway.
    static constexpr std::size_t maximum_bytes = std::size_t{256} << 20;

    ReplyBuffer() { clear(); }

    std::byte* data() noexcept { return bytes_.get(); }

    const std::byte* data() const noexcept { return bytes_.get(); }

    std::size_t size() const noexcept { return size_; }

    /// Zeroed, of the initial size.
    void clear() { replace(initial_bytes); }

    /// Twice the size, zeroed. False, and nothing is done, beyond maximum_bytes.
    bool grow() {
        if (size_ * 2 > maximum_bytes)
            return false;
        replace(size_ * 2);
        return true;
    }

    /// Gives the memory of a large reply back, if there is memory for a small one.
    void shrink() noexcept {
        try {
            if (size_ > kept_bytes)
                clear();
        } catch (const std::bad_alloc&) { // the next time
        }
    }

private:
    void replace(std::size_t size) {
        bytes_ = std::make_unique<std::byte[]>(size);
        size_ = size;
    }

    std::unique_ptr<std::byte[]> bytes_;
    std::size_t size_ = 0;
};

} // namespace lvmpolld::dm
