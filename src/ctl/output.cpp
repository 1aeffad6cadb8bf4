// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/output.h"

#include "base/error.h"
#include "base/write_all.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace lvmpolld::ctl {

namespace {

std::string_view environment(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? std::string_view() : value;
}

bool has_utf8() {
    for (const char* const name : {"LC_ALL", "LC_CTYPE", "LANG"})
        if (const auto value = environment(name); !value.empty())
            return value.find("UTF-8") != value.npos || value.find("utf8") != value.npos;
    return false;
}

} // namespace

Terminal Terminal::of_output() {
    Terminal terminal{.is_one = ::isatty(STDOUT_FILENO) == 1};
    winsize size{};
    if (terminal.is_one && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 &&
        size.ws_row > 0) {
        terminal.columns = size.ws_col;
        terminal.rows = size.ws_row;
    }
    return terminal;
}

Style style_of_output(std::optional<bool> colour) {
    const bool is_terminal = ::isatty(STDOUT_FILENO) == 1;
    const bool wanted =
        is_terminal && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
    return {.colour = colour.value_or(wanted), .unicode = has_utf8()};
}

void print(std::string_view text) {
    if (!write_all(STDOUT_FILENO, text))
        throw_errno("cannot write to standard output");
}

void complain(std::string_view text) {
    std::fprintf(stderr, "lvmpollctl: %.*s\n", static_cast<int>(text.size()), text.data());
}

} // namespace lvmpolld::ctl
