// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dm/device_name.h"

#include "base/directory.h"
#include "base/text_file.h"

#include <sys/sysmacros.h>

#include <string_view>

namespace lvmpolld::dm {

namespace {

std::string first_line(const std::string& file) {
    const auto text = read_text_file(file.c_str()).value_or("");
    return text.substr(0, text.find('\n'));
}

} // namespace

std::string disk_name(dev_t device, const std::string& sysfs) {
    const auto folder =
        sysfs + "/dev/block/" + std::to_string(major(device)) + ':' + std::to_string(minor(device));
    if (!first_line(folder + "/dm/uuid").starts_with("LVM-"))
        return device_name(device, sysfs);
    const Directory slaves(::opendir((folder + "/slaves").c_str()));
    while (const dirent* slave = slaves ? ::readdir(slaves.get()) : nullptr)
        if (slave->d_name[0] != '.')
            return device_name(std::string("/dev/") + slave->d_name, sysfs);
    return device_name(device, sysfs);
}

std::string device_name(const std::string& path, const std::string& sysfs) {
    constexpr std::string_view directory = "/dev/";
    if (!path.starts_with(directory))
        return path;
    const auto kernel_name = path.substr(directory.size());
    const auto mapped = first_line(sysfs + "/class/block/" + kernel_name + "/dm/name");
    return mapped.empty() ? path : "/dev/mapper/" + mapped + " (" + kernel_name + ")";
}

std::string device_name(dev_t device, const std::string& sysfs) {
    auto numbers = std::to_string(major(device)) + ':' + std::to_string(minor(device));
    constexpr std::string_view key = "\nDEVNAME=";
    const auto file = sysfs + "/dev/block/" + numbers + "/uevent";
    const auto uevent = "\n" + read_text_file(file.c_str()).value_or("");
    const auto found = uevent.find(key);
    if (found == uevent.npos)
        return numbers;
    const auto begin = found + key.size();
    return device_name("/dev/" + uevent.substr(begin, uevent.find('\n', begin) - begin), sysfs);
}

} // namespace lvmpolld::dm
