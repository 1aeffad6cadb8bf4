// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dm/disk_errors.h"

#include "base/text_file.h"

#include <sys/sysmacros.h>

#include <charconv>
#include <string>
#include <string_view>

namespace lvmpolld::dm {

namespace {

namespace fs = std::filesystem;

/// Devices stacked on one another; LVM itself warns far below.
constexpr int maximum_depth = 16;

using Count = std::optional<std::uint64_t>;

Count sum(Count a, Count b) {
    return a && b ? Count(*a + *b) : a ? a : b;
}

/// `0x1f`
Count read_counter(const fs::path& file) {
    const auto text = read_text_file(file.c_str());
    if (!text)
        return std::nullopt;
    std::string_view digits = *text;
    digits = digits.substr(0, digits.find('\n'));
    const bool hexadecimal = digits.starts_with("0x");
    if (hexadecimal)
        digits.remove_prefix(2);
    std::uint64_t number = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number, hexadecimal ? 16 : 10);
    if (error != std::errc() || end != digits.data() + digits.size())
        return std::nullopt;
    return number;
}

Count count_beneath(const fs::path& link, int depth) {
    std::error_code error;
    const fs::path block = fs::canonical(link, error);
    if (error || depth > maximum_depth)
        return std::nullopt;
    if (fs::exists(block / "partition", error))
        return count_beneath(block.parent_path(), depth + 1);

    const fs::path disk = block / "device";
    Count count = sum(read_counter(disk / "ioerr_cnt"), read_counter(disk / "iotmo_cnt"));
    for (fs::directory_iterator slave(block / "slaves", error), end; !error && slave != end;
         slave.increment(error))
        count = sum(count, count_beneath(slave->path(), depth + 1));
    return count;
}

} // namespace

std::optional<std::uint64_t> DiskErrors::count(dev_t device) const {
    return count_beneath(
        sysfs_ / "dev/block" / (std::to_string(major(device)) + ':' + std::to_string(minor(device))), 0);
}

} // namespace lvmpolld::dm
