// SPDX-License-Identifier: LGPL-2.1-or-later
#include "verify/writes_under_way.h"

#include "base/text_file.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace lvmpolld::verify {

namespace {

/// Takes it off `text`, with the blanks before it.
std::optional<unsigned long> next_figure(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    unsigned long figure = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), figure);
    if (error != std::errc())
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return figure;
}

} // namespace

WritesUnderWay::WritesUnderWay(const std::string& device) {
    struct stat status {};

    if (::stat(device.c_str(), &status) == 0 && S_ISBLK(status.st_mode))
        inflight_ = "/sys/dev/block/" + std::to_string(major(status.st_rdev)) + ':' +
                    std::to_string(minor(status.st_rdev)) + "/inflight";
}

// A stream would bring all locales of the C++ library with it: a fifth of the daemon.
bool tells_no_writes(std::string_view inflight) {
    const auto reads = next_figure(inflight);
    return reads && next_figure(inflight) == 0UL;
}

bool WritesUnderWay::none() const {
    return tells_no_writes(read_text_file(inflight_.c_str()).value_or(""));
}

} // namespace lvmpolld::verify
