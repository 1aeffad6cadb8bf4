// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ctl/source.h"
#include "overview/entry.h"

#include <cstddef>
#include <string>
#include <vector>

/// What --json prints: one line of JSON each, as docs/lvmpollctl.schema.json describes it. An
/// operation has the fields that it has in io.lvmpolld.Operations. Pure.
namespace lvmpolld::ctl {

/// `{"operations": [...], "source": "daemon"}`.
std::string list_json(const std::vector<overview::Entry>& entries, Teller teller,
                      const std::string& remark);

/// `{"operation": {...}}`.
std::string operation_json(const overview::Entry& entry);

/// `{"ended": [...], "remaining": [...], "failed": 1, "timedOut": false}`.
std::string ended_json(const std::vector<overview::Entry>& entries, bool timed_out);

} // namespace lvmpolld::ctl
