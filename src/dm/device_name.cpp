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

constexpr std::string_view directory = "/dev/";

std::string numbers(dev_t device) {
    return std::to_string(major(device)) + ':' + std::to_string(minor(device));
}

/// "dm-1"; empty if sysfs does not have it.
std::string kernel_name(dev_t device, const std::string& sysfs) {
    constexpr std::string_view key = "\nDEVNAME=";
    const auto file = sysfs + "/dev/block/" + numbers(device) + "/uevent";
    const auto uevent = "\n" + read_text_file(file.c_str()).value_or("");
    const auto found = uevent.find(key);
    if (found == uevent.npos)
        return {};
    const auto begin = found + key.size();
    return uevent.substr(begin, uevent.find('\n', begin) - begin);
}

/// "/dev/mapper/disk2"; empty if it is no device of device-mapper.
std::string mapped_path(const std::string& kernel_name, const std::string& sysfs) {
    const auto mapped = first_line(sysfs + "/class/block/" + kernel_name + "/dm/name");
    return mapped.empty() ? mapped : "/dev/mapper/" + mapped;
}

} // namespace

std::string disk_name(dev_t device, const std::string& sysfs) {
    const auto folder = sysfs + "/dev/block/" + numbers(device);
    if (!first_line(folder + "/dm/uuid").starts_with("LVM-"))
        return device_name(device, sysfs);
    const Directory slaves(::opendir((folder + "/slaves").c_str()));
    while (const dirent* slave = slaves ? ::readdir(slaves.get()) : nullptr)
        if (slave->d_name[0] != '.')
            return device_name(std::string("/dev/") + slave->d_name, sysfs);
    return device_name(device, sysfs);
}

std::string device_name(const std::string& path, const std::string& sysfs) {
    if (!path.starts_with(directory))
        return path;
    const auto kernel_name = path.substr(directory.size());
    const auto mapped = mapped_path(kernel_name, sysfs);
    return mapped.empty() ? path : mapped + " (" + kernel_name + ")";
}

std::string device_name(dev_t device, const std::string& sysfs) {
    const auto name = kernel_name(device, sysfs);
    return name.empty() ? numbers(device) : device_name(std::string(directory) + name, sysfs);
}

std::string device_path(dev_t device, const std::string& sysfs) {
    const auto name = kernel_name(device, sysfs);
    if (name.empty())
        return numbers(device);
    const auto mapped = mapped_path(name, sysfs);
    return mapped.empty() ? std::string(directory) + name : mapped;
}

} // namespace lvmpolld::dm
