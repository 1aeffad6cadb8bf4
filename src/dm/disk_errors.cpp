// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dm/disk_errors.h"

#include "base/directory.h"
#include "base/text_file.h"

#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>

namespace lvmpolld::dm {

namespace {

/// Devices stacked on one another; LVM itself warns far below.
constexpr int maximum_depth = 16;

using Count = std::optional<std::uint64_t>;

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

/// The search for the counters beneath a device.
struct Search {
    std::vector<std::string> files{};
    bool complete = true; ///< nothing was there that could not be opened

    /// `block`: the device's folder in sysfs, or a link to it.
    void visit(const std::string& block, int depth) {
        if (depth > maximum_depth)
            return;
        if (::access((block + "/partition").c_str(), F_OK) == 0)
            return visit(block + "/..", depth + 1);

        for (const auto* name : {"/device/ioerr_cnt", "/device/iotmo_cnt"}) {
            auto file = block + name;
            if (read_counter(file))
                files.push_back(std::move(file));
            else
                note_failure();
        }
        const auto slaves = block + "/slaves";
        const Directory open(::opendir(slaves.c_str()));
        if (!open)
            note_failure();
        while (const dirent* slave = open ? ::readdir(open.get()) : nullptr)
            if (slave->d_name[0] != '.')
                visit(slaves + "/" + slave->d_name, depth + 1);
    }

    void note_failure() { complete = complete && errno == ENOENT; }
};

} // namespace

std::optional<std::uint64_t> DiskErrors::count(dev_t device, Clock::TimePoint now) {
    std::erase_if(counters_,
                  [now](const auto& entry) { return now - entry.second.found >= longest_use; });
    auto known = counters_.find(device);
    if (known == counters_.end()) {
        Search search;
        search.visit(sysfs_ + "/dev/block/" + std::to_string(major(device)) + ':' +
                         std::to_string(minor(device)),
                     0);
        const auto found = search.complete ? now : now - longest_use; // what failed is tried again
        known = counters_.insert_or_assign(device, Counters{found, std::move(search.files)}).first;
    }
    Count sum;
    for (const auto& file : known->second.files)
        if (const auto count = read_counter(file))
            sum = sum.value_or(0) + *count;
    return sum;
}

} // namespace lvmpolld::dm
