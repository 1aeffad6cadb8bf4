// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/limits.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <variant>

namespace lvmpolld::wire {

/// Ends every message of lvm's protocol in both directions.
inline constexpr std::string_view terminator = "\n##\n";

/// Asks for the dump: a whole message.
inline constexpr std::string_view dump_request = "request=\"dump\"\n##\n";
static_assert(dump_request.ends_with(terminator));

/// Cuts a stream of bytes into messages, however they were split or joined on the way:
///
///     const auto space = framing.space();
///     framing.received(read(fd, space.data(), space.size()));
///     for (auto next = framing.next(); ...; next = framing.next())
///
/// Each byte is looked at once. The buffer grows with the message and is given back after a large
/// one.
class Framing {
public:
    /// The bytes that have come contain no further message.
    struct Incomplete {};

    /// The message is longer than the limit. The stream is lost: every further next() says so.
    struct TooLong {};

    /// A message without its terminator, valid until the next call of space().
    using Next = std::variant<Incomplete, TooLong, std::string_view>;

    /// `limit`: bytes of a message without its terminator. `end`: another terminator, not empty,
    /// which outlives this.
    explicit Framing(std::size_t limit = limits::request_bytes, std::string_view end = terminator)
        : limit_(limit), terminator_(end) {}

    /// Where to put what is read next, never empty.
    std::span<char> space();

    /// `size` bytes have been put into space().
    void received(std::size_t size) { end_ += size; }

    Next next();

    /// Whether the beginning of a message is held.
    bool partial() const { return begin_ != end_; }

    /// How many bytes of it and of what may follow.
    std::size_t held() const { return end_ - begin_; }

private:
    void compact();
    void grow();

    std::size_t limit_;
    std::string_view terminator_;
    std::unique_ptr<char[]> buffer_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;   ///< of the message that next() gives next
    std::size_t scanned_ = 0; ///< no terminator begins in [begin_, scanned_)
    std::size_t end_ = 0;     ///< of what was received
};

} // namespace lvmpolld::wire
