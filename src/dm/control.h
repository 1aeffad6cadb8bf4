// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/file_descriptor.h"
#include "dm/reply_buffer.h"

#include <sys/types.h>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct dm_ioctl;

namespace lvmpolld::dm {

/// Version of the kernel's ioctl interface.
struct Version {
    std::uint32_t major;
    std::uint32_t minor;
    std::uint32_t patch;
    auto operator<=>(const Version&) const = default;
};

/// By what a device is looked up; each is one lookup in the kernel, however many devices there are.
class Key {
public:
    static Key name(std::string_view name) { return {name, {}}; }

    static Key uuid(std::string_view uuid) { return {{}, uuid}; }

    static Key device(dev_t device) { return {{}, {}, device}; }

private:
    friend class Control;

    Key(std::string_view name, std::string_view uuid, dev_t device = 0)
        : name_(name), uuid_(uuid), device_(device) {}

    std::string_view name_;
    std::string_view uuid_;
    dev_t device_;
};

/// State of one device, without its targets.
struct Device {
    std::string name;
    std::string uuid;
    std::uint32_t event_number;
};

/// One line of a table or of its status; sectors of 512 bytes.
struct Target {
    std::uint64_t start;
    std::uint64_t length;
    std::string type;
    std::string parameters;
};

struct Table {
    Device device;
    std::vector<Target> targets;
};

/// An entry of the list of all devices. Kernels before dm 4.45 give no UUID there, before 4.37 no
/// event number (0).
struct ListEntry {
    std::string name;
    std::uint32_t event_number;
    std::optional<std::string> uuid;
};

/// The kernel's device-mapper, through /dev/mapper/control and <linux/dm-ioctl.h>. Only asks,
/// changes nothing; no request waits for I/O on a device. A device that isn't there is a value; all
/// else that fails is a std::system_error. Used by one thread at a time.
class Control {
public:
    /// Throws std::system_error that names the device and says what to do.
    static Control open();

    Control(Control&&) noexcept;
    Control& operator=(Control&&) noexcept;
    ~Control();

    const Version& version() const noexcept { return version_; }

    /// The kernel has DM_DEV_ARM_POLL (4.37, Linux 4.14).
    bool can_watch() const noexcept { return version_ >= Version{4, 37, 0}; }

    /// Makes fd() readable at the next event of any device. An event that comes between arm() and a
    /// later question is not lost: arm first, then ask, then wait.
    void arm();

    int fd() const noexcept { return descriptor_.get(); }

    std::optional<Device> device(const Key& key);

    /// Progress, as the targets report it, of the active table. Doesn't flush.
    std::optional<Table> status(const Key& key);

    /// The active table as it was loaded.
    std::optional<Table> table(const Key& key);

    /// All devices: costs time and memory in proportion to their number.
    std::vector<ListEntry> list();

private:
    explicit Control(FileDescriptor descriptor);
    std::optional<Table> targets(const Key& key, std::uint32_t flags);
    /// Asks with a request that has no data. False if there is no such device; an error names the
    /// command `what`.
    bool ask(unsigned long command, const char* what, const Key& key = Key::name({}));
    /// The same for a reply with data, in a buffer that grows until the reply fits.
    bool ask_data(unsigned long command, const char* what, const Key& key, std::uint32_t flags);
    bool send(unsigned long command, const char* what, const Key& key, std::uint32_t flags,
              std::size_t bytes);
    dm_ioctl& message() noexcept;

    FileDescriptor descriptor_;
    Version version_{};
    ReplyBuffer buffer_;
};

} // namespace lvmpolld::dm
