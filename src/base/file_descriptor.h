// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <unistd.h>

#include <utility>

namespace lvmpolld {

/// Owns one descriptor and closes it at the end of its life. A plain `int` is a borrowed
/// descriptor.
class FileDescriptor {
public:
    FileDescriptor() noexcept = default;

    /// Adopts `descriptor`; -1 stands for none.
    explicit FileDescriptor(int descriptor) noexcept : descriptor_(descriptor) {}

    FileDescriptor(FileDescriptor&& other) noexcept : descriptor_(other.release()) {}

    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        if (this != &other)
            reset(other.release());
        return *this;
    }

    ~FileDescriptor() { reset(); }

    explicit operator bool() const noexcept { return descriptor_ >= 0; }

    int get() const noexcept { return descriptor_; }

    /// Gives the descriptor up without closing it.
    [[nodiscard]] int release() noexcept { return std::exchange(descriptor_, -1); }

    /// Closes what it owns and adopts `descriptor`. Never fails: after close(2) the descriptor is
    /// gone on Linux whatever it returned.
    void reset(int descriptor = -1) noexcept {
        const int old = std::exchange(descriptor_, descriptor);
        if (old >= 0)
            ::close(old);
    }

private:
    int descriptor_ = -1;
};

/// An `Object` that owns `descriptor`, the last argument of its constructor. When they throw,
/// Asio's constructors leave the descriptor to the caller; then it is closed.
template <typename Object, typename... Arguments>
Object owner_of(FileDescriptor descriptor, Arguments&&... arguments) {
    Object object(std::forward<Arguments>(arguments)..., descriptor.get());
    static_cast<void>(descriptor.release());
    return object;
}

} // namespace lvmpolld
