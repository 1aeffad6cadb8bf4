// SPDX-License-Identifier: LGPL-2.1-or-later
#include "process/line_splitter.h"

#include "base/limits.h"

#include <algorithm>

namespace lvmpolld {

void LineSplitter::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto newline = bytes.find('\n');
        const bool complete = newline != bytes.npos;
        auto piece = bytes.substr(0, newline);
        const auto room = limits::output_line_bytes - pending_.size();
        if (piece.size() > room) {
            pending_ += piece.substr(0, room);
            bytes.remove_prefix(room);
            emit();
            continue;
        }
        pending_ += piece;
        bytes.remove_prefix(piece.size() + (complete ? 1 : 0));
        if (complete)
            emit();
    }
}

void LineSplitter::finish() {
    if (!pending_.empty())
        emit();
}

void LineSplitter::emit() {
    std::string line;
    line.swap(pending_); // an idle pipe keeps no buffer
    std::replace_if(
        line.begin(), line.end(), [](unsigned char c) { return (c < ' ' && c != '\t') || c == 0x7f; }, '?');
    line_(line);
}

} // namespace lvmpolld
