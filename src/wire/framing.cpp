// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wire/framing.h"

#include <algorithm>
#include <cstring>

namespace lvmpolld::wire {

namespace {

/// Holds any request of lvm.
constexpr std::size_t initial_bytes = 1024;
/// A larger buffer isn't kept for an idle client.
constexpr std::size_t kept_bytes = 16 * 1024;

} // namespace

std::span<char> Framing::space() {
    if (begin_ == end_ && capacity_ > kept_bytes)
        *this = Framing(limit_, terminator_);
    // A message is moved at most once, before the buffer grows: the copying stays linear.
    if (begin_ == end_ || end_ == capacity_)
        compact();
    if (end_ == capacity_)
        grow();
    return {buffer_.get() + end_, capacity_ - end_};
}

Framing::Next Framing::next() {
    const std::string_view held(buffer_.get() + begin_, end_ - begin_);
    const auto length = held.find(terminator_, scanned_ - begin_);
    if (length != held.npos && length <= limit_) {
        begin_ += length + terminator_.size();
        scanned_ = begin_;
        return held.substr(0, length);
    }
    // The last bytes may be the beginning of the terminator.
    const auto without_terminator = held.size() - std::min(held.size(), terminator_.size() - 1);
    scanned_ = begin_ + std::min(length, without_terminator);
    if (std::min(length, without_terminator) > limit_)
        return TooLong{};
    return Incomplete{};
}

void Framing::compact() {
    if (begin_ == 0)
        return;
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    scanned_ -= begin_;
    end_ -= begin_;
    begin_ = 0;
}

void Framing::grow() {
    const auto capacity = std::max(initial_bytes, 2 * capacity_);
    auto buffer = std::make_unique_for_overwrite<char[]>(capacity);
    if (end_)
        std::memcpy(buffer.get(), buffer_.get(), end_);
    buffer_ = std::move(buffer);
    capacity_ = capacity;
}

} // namespace lvmpolld::wire
