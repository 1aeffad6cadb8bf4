// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "operation/record.h"

#include <set>
#include <string>
#include <string_view>
#include <variant>

namespace lvmpolld {

/// The record as a file's content, in libdm's config grammar. `boot` is the boot's ID, which the
/// record belongs to: a reboot ends the operations too.
std::string record_text(const Record& record, std::string_view boot);

/// Why a text is no record for this process, for the log.
struct Unreadable {
    std::string reason;
};

/// Reads such a text back. `number` is the one that its file's name says.
std::variant<Record, Unreadable> parse_record(std::string_view text, std::string_view boot,
                                              RecordNumber number);

/// Suspect copies as a file's content. They aren't bound to a boot.
std::string suspects_text(const SuspectList& copies);

/// Reads such a text back.
std::variant<SuspectList, Unreadable> parse_suspects(std::string_view text);

} // namespace lvmpolld
