// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A look at a block is one reading of each leg. If that shows a sector that changes, several readings follow,
// of all legs at the same time. They are what settles a sector that is rewritten faster than it is read: a
// content stays on a leg for d seconds, s readings of the source and c of the copy are taken in a second, so
// s * c * d contents in a second are seen on both legs. With a copy that takes 20 ms to read, a source
// that takes 0.1 ms, and a write each 0.1 ms, these are fifty in a second of reading.
//
// Pauses between the looks grow from 5 ms, for the usual case of a write under way, to 2 s.
#include "verify/settlement.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>

namespace lvmpolld::verify {

namespace {

using namespace std::chrono_literals;

constexpr std::array pauses = {5ms, 10ms, 20ms, 40ms, 80ms, 160ms, 320ms, 640ms, 1280ms, 2000ms};

/// Of each leg, in a look at a block that changes.
constexpr unsigned readings_if_changing = 4;

void add(Block& block, const std::vector<Readings>& legs) {
    for (std::size_t leg = 0; leg < legs.size(); ++leg)
        for (const std::vector<Content>& reading : legs[leg])
            for (std::size_t i = 0; i < block.sectors.size(); ++i)
                if (block.sectors[i])
                    block.sectors[i]->add(leg, reading[i]);
}

/// Reads the block and adds what was seen. Something else than a BlockReadings of readings ends it.
BlockReadings read_into(Block& block, unsigned count, const ReadBlock& read, const std::stop_token& stop) {
    BlockReadings result = read(block.position, block.length, count, stop);
    if (const auto* legs = std::get_if<std::vector<Readings>>(&result))
        add(block, *legs);
    return result;
}

bool moves(const Block& block) {
    return std::ranges::any_of(block.sectors, [](const auto& sector) { return sector && sector->moves(); });
}

BlockReadings look(Block& block, const ReadBlock& read, const std::stop_token& stop) {
    BlockReadings result = read_into(block, 1, read, stop);
    if (std::holds_alternative<std::vector<Readings>>(result) && moves(block))
        return read_into(block, readings_if_changing, read, stop);
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
    return std::ranges::none_of(block.sectors, [](const auto& sector) { return sector.has_value(); });
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

SettlementResult settle(std::vector<Block> blocks, const ReadBlock& read, const Pause& pause,
                        const IsQuiet& is_quiet, const std::stop_token& stop) {
    std::chrono::milliseconds paused{0};
    for (std::size_t turn = 0; !blocks.empty(); ++turn) {
        if (paused >= settlement_time)
            return Unsettled{dispute(blocks, Judgement::open)};
        const auto duration = pauses[std::min(turn, pauses.size() - 1)];
        if (!pause(duration, stop))
            return Stopped{};
        paused += duration;
        const bool quiet = is_quiet();
        for (Block& block : blocks) {
            const BlockReadings result = look(block, read, stop);
            if (const auto* failure = std::get_if<LegFailure>(&result))
                return *failure;
            if (std::holds_alternative<std::monostate>(result))
                return Stopped{};
            end_look(block, duration, quiet);
        }
        if (const Dispute found = dispute(blocks, Judgement::different); found.sectors > 0)
            return Differs{found};
        std::erase_if(blocks, is_settled);
    }
    return Settled{};
}

} // namespace lvmpolld::verify
