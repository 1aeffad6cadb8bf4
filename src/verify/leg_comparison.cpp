// SPDX-License-Identifier: LGPL-2.1-or-later
#include "verify/leg_comparison.h"

#include "verify/read_ahead.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <deque>
#include <memory>
#include <utility>

namespace lvmpolld::verify {

namespace {

/// What is read again as one: the block that file systems write.
constexpr std::size_t block_bytes = 4096;

/// Blocks that are settled together: a disk on which all is bad and slow to read is refused soon.
constexpr std::size_t batch_blocks = 16;

std::chrono::milliseconds steady_time() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now().time_since_epoch());
}

bool all_same(const std::vector<Bytes>& legs) {
    return std::ranges::all_of(legs, [&](Bytes leg) {
        return std::memcmp(legs.front().data(), leg.data(), leg.size()) == 0;
    });
}

Legs readers_of(const std::vector<Extent>& extents) {
    Legs legs;
    for (const Extent& extent : extents)
        legs.push_back(std::make_shared<LegReader>(extent));
    return legs;
}

/// A leg could not be read: that tells something about it, unless the system is short of something.
Outcome failure(Extent at, int error) {
    for (const int scarcity : {ENOMEM, EAGAIN, EMFILE, ENFILE})
        if (error == scarcity)
            return NotCompared{error};
    return Unreadable{std::move(at), error};
}

/// Stops all of them before it waits for the first.
class Readers {
public:
    Readers(const Legs& legs, std::uint64_t length) {
        for (const auto& leg : legs)
            readers_.emplace_back(leg, length);
    }

    ~Readers() {
        for (ReadAhead& reader : readers_)
            reader.stop();
    }

    Readers(const Readers&) = delete;
    Readers& operator=(const Readers&) = delete;

    ReadAhead& operator[](std::size_t leg) { return readers_[leg]; }

    void pop() {
        for (ReadAhead& reader : readers_)
            reader.pop();
    }

private:
    std::deque<ReadAhead> readers_;
};

} // namespace

LegComparison::LegComparison(const std::vector<Extent>& legs, std::uint64_t sectors, Pause pause,
                             IsQuiet is_quiet)
    : legs_(readers_of(legs)), length_(sectors * sector_bytes),
      context_{BlockReader(legs_), std::move(pause), std::move(is_quiet), steady_time} {}

LegComparison::LegComparison(Legs legs, std::uint64_t sectors, Context context)
    : legs_(std::move(legs)), length_(sectors * sector_bytes), context_(std::move(context)) {}

Outcome LegComparison::run(const std::stop_token& stop, Compared& compared) {
    Readers readers(legs_, length_);
    std::vector<Bytes> slices(legs_.size());
    for (std::uint64_t position = 0; position < length_; position += slice_bytes) {
        for (std::size_t i = 0; i < legs_.size(); ++i) {
            const ReadAhead::Slice* slice = readers[i].front(stop);
            if (slice == nullptr || stop.stop_requested())
                return Cancelled{};
            if (slice->failure)
                return failure(place(i, slice->failure->position), slice->failure->error);
            slices[i] = slice->buffer.data();
        }
        std::vector<Block> blocks = compare(slices, position);
        compared = position + slices.front().size();
        readers.pop();
        if (!blocks.empty())
            if (auto outcome = settle_blocks(blocks, stop))
                return *std::move(outcome);
    }
    if (undecided_)
        return *undecided_;
    return Equal{length_ / sector_bytes};
}

std::vector<Block> LegComparison::compare(const std::vector<Bytes>& slices,
                                          std::uint64_t position) {
    std::vector<Block> differing;
    if (all_same(slices))
        return differing;
    const std::size_t length = slices.front().size();
    for (std::size_t at = 0; at < length; at += block_bytes) {
        const std::size_t size = std::min(block_bytes, length - at);
        std::vector<Bytes> blocks;
        blocks.reserve(slices.size());
        for (const Bytes slice : slices)
            blocks.push_back(slice.subspan(at, size));
        if (all_same(blocks))
            continue;
        std::vector<std::vector<Content>> contents;
        contents.reserve(blocks.size());
        for (const Bytes block : blocks)
            contents.push_back(contents_of(block));
        differing.emplace_back(position + at, size, contents);
    }
    return differing;
}

std::optional<Outcome> LegComparison::settle_blocks(std::span<Block> blocks,
                                                    const std::stop_token& stop) {
    for (std::size_t i = 0; i < blocks.size(); i += batch_blocks) {
        const auto batch = blocks.subspan(i, std::min(batch_blocks, blocks.size() - i));
        if (auto outcome = settle_batch({batch.begin(), batch.end()}, stop))
            return outcome;
    }
    return std::nullopt;
}

std::optional<Outcome> LegComparison::settle_batch(std::vector<Block> batch,
                                                   const std::stop_token& stop) {
    const auto result = settle(std::move(batch), context_, stop);
    if (std::holds_alternative<Stopped>(result))
        return Cancelled{};
    if (const auto* failed = std::get_if<LegFailure>(&result))
        return failure(place(failed->leg, failed->position), failed->error);
    if (const auto* found = std::get_if<Differs>(&result))
        return Different{place(0, found->position), place(found->leg, found->position),
                         found->sectors};
    if (const auto* found = std::get_if<Unsettled>(&result)) {
        if (!undecided_)
            undecided_ = {place(0, found->position), place(found->leg, found->position), 0};
        undecided_->sectors += found->sectors;
    }
    return std::nullopt;
}

Extent LegComparison::place(std::size_t leg, std::uint64_t position) const {
    const Extent& extent = legs_[leg]->extent();
    return {extent.device, extent.sector + position / sector_bytes};
}

} // namespace lvmpolld::verify
