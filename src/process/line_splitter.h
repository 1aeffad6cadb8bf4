// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace lvmpolld {

/// Cuts a child's output into lines. A line that is longer than limits::output_line_bytes is handed
/// over in pieces of that length. Control characters are replaced by '?', so that a line can be
/// logged as it is.
class LineSplitter {
public:
    using Line = std::function<void(std::string_view)>;

    /// Takes the next bytes of the output; `line` is called for each line, without its newline.
    void feed(std::string_view bytes, const Line& line);

    /// Hands over what stands after the last newline.
    void finish(const Line& line);

private:
    void emit(const Line& line);

    std::string pending_;
};

} // namespace lvmpolld
