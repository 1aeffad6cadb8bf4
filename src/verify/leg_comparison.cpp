// SPDX-License-Identifier: LGPL-2.1-or-later
#include "verify/leg_comparison.h"

#include "verify/read_ahead.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <span>
#include <string_view>

namespace lvmpolld::verify {

namespace {

using namespace std::chrono_literals;

/// Before each further reading of what differs; ten seconds together.
constexpr std::array<std::chrono::milliseconds, 13> pauses = {
    5ms, 10ms, 20ms, 40ms, 80ms, 160ms, 320ms, 640ms, 1280ms, 2000ms, 2000ms, 2000ms, 2000ms};

/// What is doubted and read again as one: the block that file systems write.
constexpr std::size_t block_bytes = 4096;

bool same(Bytes a, Bytes b) {
    return std::memcmp(a.data(), b.data(), a.size()) == 0;
}

bool all_same(const std::vector<Bytes>& legs) {
    return std::ranges::all_of(legs, [&](Bytes leg) { return same(legs.front(), leg); });
}

/// Stands for a block's content in what was seen.
std::size_t digest(Bytes bytes) {
    return std::hash<std::string_view>()({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

using Seen = std::vector<std::size_t>;

bool has(const Seen& seen, std::size_t content) {
    return std::ranges::find(seen, content) != seen.end();
}

} // namespace

bool pause_for(std::chrono::milliseconds duration, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, duration, [] { return false; });
    return !stop.stop_requested();
}

/// A block that differed, and all contents that each leg was seen to have.
struct LegComparison::Doubt {
    std::uint64_t position;
    std::size_t length;
    std::vector<Seen> seen;
    bool settled = false;
    /// Of the last reading: a leg that differs from the source, from which byte on, in how many sectors.
    std::size_t leg = 0;
    std::size_t first = 0;
    std::uint64_t sectors = 0;

    /// Takes the legs' contents in, as read one right after the other.
    void look(const std::vector<Bytes>& legs) {
        seen.resize(legs.size());
        std::vector<std::size_t> now;
        now.reserve(legs.size());
        for (const Bytes leg_bytes : legs)
            now.push_back(digest(leg_bytes));

        settled = true;
        for (std::size_t i = 1; i < legs.size(); ++i) {
            const auto follows = [&](std::size_t a, std::size_t b) {
                return !has(seen[a], now[a]) && has(seen[b], now[a]);
            };
            if (same(legs[0], legs[i]) || follows(i, 0) || follows(0, i))
                continue;
            settled = false;
            locate(legs[0], legs[i]);
            leg = i;
        }
        for (std::size_t i = 0; i < legs.size(); ++i)
            if (!has(seen[i], now[i]))
                seen[i].push_back(now[i]);
    }

private:
    void locate(Bytes a, Bytes b) {
        sectors = 0;
        for (std::size_t at = 0; at < a.size(); at += sector_bytes) {
            const std::size_t size = std::min<std::size_t>(sector_bytes, a.size() - at);
            if (same(a.subspan(at, size), b.subspan(at, size)))
                continue;
            if (sectors++ == 0)
                first = at;
        }
    }
};

LegComparison::LegComparison(const std::vector<Extent>& legs, std::uint64_t sectors, Pause pause)
    : length_(sectors * sector_bytes), pause_(std::move(pause)) {
    for (const Extent& leg : legs) {
        legs_.emplace_back(leg);
        blocks_.emplace_back(block_bytes);
    }
}

Outcome LegComparison::run(const std::stop_token& stop) {
    std::deque<ReadAhead> readers;
    for (const LegReader& leg : legs_)
        readers.emplace_back(leg, length_);

    std::vector<Bytes> slices(legs_.size());
    for (std::uint64_t position = 0; position < length_; position += slice_bytes) {
        for (std::size_t i = 0; i < legs_.size(); ++i) {
            const ReadAhead::Slice* slice = readers[i].front(stop);
            if (slice == nullptr || stop.stop_requested())
                return Cancelled{};
            if (slice->failure)
                return Unreadable{place(i, slice->failure->position), slice->failure->error};
            slices[i] = slice->buffer.data();
        }
        std::vector<Doubt> doubts = compare(slices, position);
        for (ReadAhead& reader : readers)
            reader.pop();
        if (!doubts.empty())
            if (auto outcome = settle(std::move(doubts), stop))
                return *std::move(outcome);
    }
    return Equal{length_ / sector_bytes};
}

std::vector<LegComparison::Doubt> LegComparison::compare(const std::vector<Bytes>& slices,
                                                         std::uint64_t position) {
    std::vector<Doubt> doubts;
    if (all_same(slices))
        return doubts;
    const std::size_t length = slices.front().size();
    for (std::size_t at = 0; at < length; at += block_bytes) {
        const std::size_t size = std::min(block_bytes, length - at);
        std::vector<Bytes> blocks;
        blocks.reserve(slices.size());
        for (const Bytes slice : slices)
            blocks.push_back(slice.subspan(at, size));
        if (all_same(blocks))
            continue;
        doubts.push_back({.position = position + at, .length = size, .seen = {}});
        doubts.back().look(blocks);
    }
    return doubts;
}

std::optional<Outcome> LegComparison::settle(std::vector<Doubt> doubts, const std::stop_token& stop) {
    for (const std::chrono::milliseconds pause : pauses) {
        if (!pause_(pause, stop))
            return Cancelled{};
        for (Doubt& doubt : doubts) {
            if (stop.stop_requested())
                return Cancelled{};
            if (auto unreadable = read_again(doubt))
                return *std::move(unreadable);
        }
        std::erase_if(doubts, [](const Doubt& doubt) { return doubt.settled; });
        if (doubts.empty())
            return std::nullopt;
    }
    return difference(doubts);
}

std::optional<Unreadable> LegComparison::read_again(Doubt& doubt) {
    std::vector<Bytes> blocks;
    for (std::size_t i = 0; i < legs_.size(); ++i) {
        if (const auto failure = legs_[i].read(doubt.position, doubt.length, blocks_[i]))
            return Unreadable{place(i, failure->position), failure->error};
        blocks.push_back(blocks_[i].data());
    }
    doubt.look(blocks);
    return std::nullopt;
}

Different LegComparison::difference(const std::vector<Doubt>& doubts) const {
    const Doubt& first = doubts.front();
    std::uint64_t sectors = 0;
    for (const Doubt& doubt : doubts)
        sectors += doubt.sectors;
    return {place(0, first.position + first.first), place(first.leg, first.position + first.first), sectors};
}

Extent LegComparison::place(std::size_t leg, std::uint64_t position) const {
    const Extent& extent = legs_[leg].extent();
    return {extent.device, extent.sector + position / sector_bytes};
}

} // namespace lvmpolld::verify
