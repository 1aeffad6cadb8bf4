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
    void save(const Record& record) noexcept override { kept.insert_or_assign(record.number, record); }

    void report(int) noexcept override {}

    void remove(bool, RecordNumber number) noexcept override { kept.erase(number); }

    void save_suspects(const std::set<CopyIdentity>& copies) noexcept override { suspects.push_back(copies); }

    std::map<RecordNumber, Record> kept;
    std::vector<std::set<CopyIdentity>> suspects; ///< as it was written
};

} // namespace lvmpolld
