// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "operation/record.h"

#include <map>
#include <set>
#include <vector>

namespace lvmpolld {

/// Records in memory instead of files.
class RecordsInMemory final : public Records {
public:
    Ticket save(const Record& record, By) noexcept override {
        kept.insert_or_assign(record.number, record);
        return ++last;
    }

    void write() noexcept override {}

    void report(int) noexcept override {}

    void remove(bool, RecordNumber number) noexcept override { kept.erase(number); }

    void save_suspects(const SuspectList& copies) noexcept override { suspects.push_back(copies); }

    bool is_written(Ticket ticket) const noexcept override { return ticket <= last - unwritten; }

    std::map<RecordNumber, Record> kept;
    Ticket last = 0;
    Ticket unwritten = 0;              ///< how many of the last ones are still to be written
    std::vector<SuspectList> suspects; ///< as it was written
};

} // namespace lvmpolld
