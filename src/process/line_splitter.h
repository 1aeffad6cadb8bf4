// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace lvmpolld {

/// Cuts a child's output into lines. A line that is longer than limits::output_line_bytes is handed over in
/// pieces of that length. Control characters are replaced by '?', so that a line can be logged as it is.
class LineSplitter {
public:
    using Line = std::function<void(std::string_view)>;

    /// `line` is called for each line, without its newline.
    explicit LineSplitter(Line line) : line_(std::move(line)) {}

    /// Takes the next bytes of the output.
    void feed(std::string_view bytes);

    /// Hands over what stands after the last newline.
    void finish();

private:
    void emit();

    Line line_;
    std::string pending_;
};

} // namespace lvmpolld
