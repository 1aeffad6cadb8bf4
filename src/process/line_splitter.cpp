// SPDX-License-Identifier: LGPL-2.1-or-later
#include "process/line_splitter.h"

#include "base/harmless.h"
#include "base/limits.h"

namespace lvmpolld {

void LineSplitter::feed(std::string_view bytes, const Line& line) {
    while (!bytes.empty()) {
        const auto newline = bytes.find('\n');
        const bool complete = newline != bytes.npos;
        auto piece = bytes.substr(0, newline);
        const auto room = limits::output_line_bytes - pending_.size();
        if (piece.size() > room) {
            pending_ += piece.substr(0, room);
            bytes.remove_prefix(room);
            emit(line);
            continue;
        }
        pending_ += piece;
        bytes.remove_prefix(piece.size() + (complete ? 1 : 0));
        if (complete)
            emit(line);
    }
}

void LineSplitter::finish(const Line& line) {
    if (!pending_.empty())
        emit(line);
}

void LineSplitter::emit(const Line& line) {
    std::string text;
    text.swap(pending_); // an idle pipe keeps no buffer
    make_harmless(text);
    line(text);
}

} // namespace lvmpolld
