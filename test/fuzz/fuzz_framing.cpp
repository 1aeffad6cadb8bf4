// SPDX-License-Identifier: LGPL-2.1-or-later
// However a stream is cut into reads, the messages are the same.
#include "wire/framing.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

using lvmpolld::wire::Framing;

namespace {

struct Outcome {
    std::vector<std::string> messages;
    bool too_long = false;
    bool partial = false;
    bool operator==(const Outcome&) const = default;
};

/// What framing makes of `stream` if each read brings as many bytes as `read_size` says, but at
/// least one.
Outcome frame(std::string_view stream, std::size_t limit,
              const std::function<std::size_t()>& read_size) {
    Framing framing(limit);
    Outcome outcome;
    while (!stream.empty() && !outcome.too_long) {
        const auto space = framing.space();
        const auto size =
            std::min({stream.size(), space.size(), std::max<std::size_t>(read_size(), 1)});
        std::copy_n(stream.begin(), size, space.begin());
        framing.received(size);
        stream.remove_prefix(size);
        for (auto next = framing.next(); !std::holds_alternative<Framing::Incomplete>(next);
             next = framing.next()) {
            outcome.too_long = std::holds_alternative<Framing::TooLong>(next);
            if (outcome.too_long)
                break;
            outcome.messages.emplace_back(std::get<std::string_view>(next));
        }
    }
    outcome.partial = framing.partial();
    return outcome;
}

/// The same without Framing.
Outcome split(std::string_view stream, std::size_t limit) {
    Outcome outcome;
    for (;;) {
        const auto end = stream.find("\n##\n");
        // Three bytes more may be the beginning of a terminator.
        outcome.too_long = end == stream.npos ? stream.size() > limit + 3 : end > limit;
        outcome.partial = !stream.empty();
        if (outcome.too_long || end == stream.npos)
            return outcome;
        outcome.messages.emplace_back(stream.substr(0, end));
        stream.remove_prefix(end + 4);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2)
        return 0;
    // The first bytes give the limit, 0 to 8128, and the number of read sizes, which follow; the
    // rest is the stream.
    const std::size_t limit = std::size_t{data[0]} * data[0] / 8;
    const std::size_t sizes = std::min<std::size_t>(data[1], size - 2);
    const std::string_view stream(reinterpret_cast<const char*>(data) + 2 + sizes,
                                  size - 2 - sizes);

    std::size_t turn = 0;
    const auto in_pieces = [&]() -> std::size_t { return sizes ? data[2 + turn++ % sizes] : 1; };
    const auto whole = [&] { return stream.size(); };
    const auto expected = split(stream, limit);
    if (frame(stream, limit, in_pieces) != expected || frame(stream, limit, whole) != expected)
        std::abort();
    return 0;
}
