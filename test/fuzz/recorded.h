// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "operation/record.h"
#include "require.h"
#include "state/record_text.h"

#include <map>
#include <utility>
#include <variant>

namespace lvmpolld {

/// The boot's ID in all records.
inline constexpr auto boot = "c5fd3a4e-0001";

/// Whether two records say the same, their times apart.
inline bool same_operation(const Record& a, const Record& b) {
    const auto& one = a.request;
    const auto& other = b.request;
    return a.number == b.number && a.held_claims == b.held_claims &&
           a.free_claims == b.free_claims && a.result == b.result && one.type == other.type &&
           one.abort == other.abort && one.handle_missing_pvs == other.handle_missing_pvs &&
           one.identity == other.identity && one.vgname == other.vgname &&
           one.lvname == other.lvname && one.interval == other.interval &&
           one.devicesfile == other.devicesfile;
}

/// A record as the next daemon would read it.
inline Record read_back(const Record& record) {
    auto again = parse_record(record_text(record, boot), boot, record.number);
    require(std::holds_alternative<Record>(again));
    return std::get<Record>(std::move(again));
}

/// Keeps records in memory. Each can be read back; those given since hold() are not written before
/// release().
class Recorded final : public Records {
public:
    using Key = std::pair<bool, RecordNumber>;

    Ticket save(const Record& record, By) noexcept override {
        require(same_operation(read_back(record), record));
        given_.insert_or_assign(Key(record.request.abort, record.number), record);
        return take_note();
    }

    void write() noexcept override {}

    void report(int) noexcept override { require(false); }

    void remove(bool abort, RecordNumber number) noexcept override {
        given_.erase({abort, number});
        take_note();
    }

    void save_suspects(const SuspectList&) noexcept override { take_note(); }

    bool is_written(Ticket ticket) const noexcept override { return ticket <= written_ticket_; }

    void hold() { held_ = true; }

    bool is_held() const { return held_; }

    void release() {
        held_ = false;
        written_ticket_ = last_;
        written_ = given_;
    }

    /// What the next daemon would find.
    const std::map<Key, Record>& written() const { return written_; }

private:
    Ticket take_note() {
        ++last_;
        if (!held_)
            release();
        return last_;
    }

    std::map<Key, Record> given_;
    std::map<Key, Record> written_;
    Ticket last_ = 0;
    Ticket written_ticket_ = 0;
    bool held_ = false;
};

} // namespace lvmpolld
