// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A look at a block is one reading of each leg. If a sector has changed since it was doubted, the
// legs are also *sampled*: read at the same time, again and again. This is what settles a sector
// that is rewritten faster than it is read. Let a content stay on a leg for d seconds, and let the
// source be read r times in a second and the copy c times: then r * c * d contents in a second are
// seen on both legs. With a copy that takes 20 ms to read, a source that takes 0.1 ms, and a write
// each 0.1 ms, these are fifty in a second of sampling. A slow copy, which always is one write
// behind, is caught if the sampling takes longer than a write.
//
// Pauses between the looks grow from 5 ms, for the usual case of a write under way, to 2 s;
// samplings grow from 2 ms to a second, which the blocks share.
#include "verify/settlement.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>

namespace lvmpolld::verify {

namespace {

using namespace std::chrono_literals;

constexpr std::array pauses = {5ms, 10ms, 20ms, 40ms, 80ms, 160ms, 320ms, 640ms, 1280ms, 2000ms};

constexpr std::array samplings = {2ms, 5ms, 10ms, 20ms, 40ms, 80ms, 160ms, 320ms, 640ms, 1000ms};

/// The element for that turn; the last one stays.
template <typename Durations>
std::chrono::milliseconds in_turn(const Durations& durations, std::size_t turn) {
    return durations[std::min(turn, durations.size() - 1)];
}

void add(Block& block, const std::vector<Readings>& legs) {
    for (std::size_t leg = 0; leg < legs.size(); ++leg)
        for (const std::vector<Content>& reading : legs[leg])
            for (std::size_t i = 0; i < block.sectors.size(); ++i)
                if (block.sectors[i])
                    block.sectors[i]->add(leg, reading[i]);
}

/// Reads the block, and adds what was seen if the result is readings.
BlockReadings read_into(Block& block, std::chrono::milliseconds duration, const ReadBlock& read,
                        const std::stop_token& stop) {
    BlockReadings result = read(block.position, block.length, duration, stop);
    if (const auto* legs = std::get_if<std::vector<Readings>>(&result))
        add(block, *legs);
    return result;
}

bool has_changed(const Block& block) {
    return std::ranges::any_of(block.sectors,
                               [](const auto& sector) { return sector && sector->has_changed(); });
}

BlockReadings look(Block& block, std::chrono::milliseconds sampling, const ReadBlock& read,
                   const std::stop_token& stop) {
    BlockReadings result = read_into(block, 0ms, read, stop);
    if (std::holds_alternative<std::vector<Readings>>(result) && has_changed(block))
        return read_into(block, sampling, read, stop);
    return result;
}

/// Ends the look; sectors that agree are dropped.
void end_look(Block& block, std::chrono::milliseconds pause, bool quiet) {
    for (std::optional<SectorHistory>& sector : block.sectors) {
        if (!sector)
            continue;
        sector->end_look(pause, quiet);
        if (sector->judgement() == Judgement::agreed)
            sector.reset();
    }
}

/// The sectors with that judgement, as one dispute.
Dispute dispute(const std::vector<Block>& blocks, Judgement judgement) {
    Dispute found;
    for (const Block& block : blocks)
        for (std::size_t i = 0; i < block.sectors.size(); ++i) {
            const std::optional<SectorHistory>& sector = block.sectors[i];
            if (!sector || sector->judgement() != judgement)
                continue;
            if (found.sectors++ == 0) {
                found.leg = sector->disputed_leg();
                found.position = block.position + i * sector_bytes;
            }
        }
    return found;
}

bool is_settled(const Block& block) {
    return std::ranges::none_of(block.sectors,
                                [](const auto& sector) { return sector.has_value(); });
}

} // namespace

bool pause_for(std::chrono::milliseconds duration, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, duration, [] { return false; });
    return !stop.stop_requested();
}

Block::Block(std::uint64_t at, std::size_t bytes, const std::vector<std::vector<Content>>& first)
    : position(at), length(bytes), sectors(first.front().size()) {
    for (std::size_t i = 0; i < sectors.size(); ++i) {
        if (std::ranges::all_of(first, [&](const auto& leg) { return leg[i] == first.front()[i]; }))
            continue;
        sectors[i].emplace(first.size());
        for (std::size_t leg = 0; leg < first.size(); ++leg)
            sectors[i]->add(leg, first[leg][i]);
        sectors[i]->end_look({}, false);
    }
}

SettlementResult settle(std::vector<Block> blocks, const Context& context,
                        const std::stop_token& stop) {
    const auto begin = context.now();
    for (std::size_t turn = 0; !blocks.empty(); ++turn) {
        const auto pause = in_turn(pauses, turn);
        if (!context.pause(pause, stop))
            return Stopped{};
        const bool quiet = context.is_quiet();
        const auto sampling = in_turn(samplings, turn) / static_cast<int>(blocks.size()) + 1ms;
        for (Block& block : blocks) {
            const BlockReadings result = look(block, sampling, context.read, stop);
            if (const auto* failure = std::get_if<LegFailure>(&result))
                return *failure;
            if (std::holds_alternative<std::monostate>(result))
                return Stopped{};
            end_look(block, pause, quiet);
        }
        if (const Dispute found = dispute(blocks, Judgement::different); found.sectors > 0)
            return Differs{found};
        std::erase_if(blocks, is_settled);
        if (!blocks.empty() && context.now() - begin >= settlement_time &&
            turn >= pauses.size() + unchanged_looks)
            return Unsettled{dispute(blocks, Judgement::open)};
    }
    return Settled{};
}

} // namespace lvmpolld::verify
