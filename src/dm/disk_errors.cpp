// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dm/disk_errors.h"

#include "base/directory.h"
#include "base/text_file.h"

#include <sys/sysmacros.h>
#include <unistd.h>

#include <charconv>
#include <string>
#include <string_view>

namespace lvmpolld::dm {

namespace {

/// Devices stacked on one another; LVM itself warns far below.
constexpr int maximum_depth = 16;

using Count = std::optional<std::uint64_t>;

Count sum(Count a, Count b) {
    return a && b ? Count(*a + *b) : a ? a : b;
}

/// `0x1f`
Count read_counter(const std::string& file) {
    const auto text = read_text_file(file.c_str());
    if (!text)
        return std::nullopt;
    std::string_view digits = *text;
    digits = digits.substr(0, digits.find('\n'));
    const bool hexadecimal = digits.starts_with("0x");
    if (hexadecimal)
        digits.remove_prefix(2);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number,
                                              hexadecimal ? 16 : 10);
    if (error != std::errc() || end != digits.data() + digits.size())
        return std::nullopt;
    return number;
}

/// `block`: the device's folder in sysfs, or a link to it.
Count count_beneath(const std::string& block, int depth) {
    if (depth > maximum_depth)
        return std::nullopt;
    if (::access((block + "/partition").c_str(), F_OK) == 0)
        return count_beneath(block + "/..", depth + 1);

    const auto disk = block + "/device";
    Count count = sum(read_counter(disk + "/ioerr_cnt"), read_counter(disk + "/iotmo_cnt"));
    const auto slaves = block + "/slaves";
    const Directory open(::opendir(slaves.c_str()));
    while (const dirent* slave = open ? ::readdir(open.get()) : nullptr)
        if (slave->d_name[0] != '.')
            count = sum(count, count_beneath(slaves + "/" + slave->d_name, depth + 1));
    return count;
}

} // namespace

std::optional<std::uint64_t> DiskErrors::count(dev_t device) const {
    return count_beneath(sysfs_ + "/dev/block/" + std::to_string(major(device)) + ':' +
                             std::to_string(minor(device)),
                         0);
}

} // namespace lvmpolld::dm
