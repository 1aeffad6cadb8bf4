// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dm/control.h"

#include "base/error.h"

#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cstring>

namespace lvmpolld::dm {

namespace {

constexpr const char* control_device = "/dev/mapper/control";

/// A view of what the kernel wrote, which never reads beyond it.
class Reply {
public:
    explicit Reply(const dm_ioctl& reply)
        : data_(reinterpret_cast<const char*>(&reply) + reply.data_start),
          size_(reply.data_size > reply.data_start ? reply.data_size - reply.data_start : 0) {}

    template <class Record>
    bool read(std::size_t offset, Record& record) const {
        if (offset > size_ || size_ - offset < sizeof record)
            return false;
        std::memcpy(&record, data_ + offset, sizeof record);
        return true;
    }

    /// The zero-terminated string at `offset`.
    std::string_view string(std::size_t offset) const {
        if (offset >= size_)
            return {};
        return {data_ + offset, ::strnlen(data_ + offset, size_ - offset)};
    }

private:
    const char* data_;
    std::size_t size_;
};

template <std::size_t size>
std::string text(const char (&field)[size]) {
    return {field, ::strnlen(field, size)};
}

Device device_of(const dm_ioctl& reply) {
    return {.name = text(reply.name), .uuid = text(reply.uuid), .event_number = reply.event_nr};
}

const char* advice(int error) {
    switch (error) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
        return " (is the module dm-mod loaded?)";
    case EACCES:
    case EPERM:
        return " (device-mapper needs root)";
    default:
        return "";
    }
}

} // namespace

Control::Control(Control&&) noexcept = default;
Control& Control::operator=(Control&&) noexcept = default;
Control::~Control() = default;

Control Control::open() {
    const int descriptor = ::open(control_device, O_RDWR | O_CLOEXEC);
    if (descriptor < 0)
        throw_errno(control_device + std::string(advice(errno)));
    return Control(FileDescriptor(descriptor));
}

Control::Control(FileDescriptor descriptor) : descriptor_(std::move(descriptor)) {
    ask(DM_VERSION, "DM_VERSION");
    version_ = {message().version[0], message().version[1], message().version[2]};
}

void Control::arm() {
    ask(DM_DEV_ARM_POLL, "DM_DEV_ARM_POLL");
}

std::optional<Device> Control::device(const Key& key) {
    if (!ask(DM_DEV_STATUS, "DM_DEV_STATUS", key))
        return std::nullopt;
    return device_of(message());
}

std::optional<Table> Control::status(const Key& key) {
    return targets(key, DM_NOFLUSH_FLAG);
}

std::optional<Table> Control::table(const Key& key) {
    return targets(key, DM_NOFLUSH_FLAG | DM_STATUS_TABLE_FLAG);
}

std::optional<Table> Control::targets(const Key& key, std::uint32_t flags) {
    if (!ask_data(DM_TABLE_STATUS, "DM_TABLE_STATUS", key, flags))
        return std::nullopt;
    Table table{device_of(message()), {}};
    const Reply reply(message());
    std::size_t offset = 0;
    dm_target_spec target;
    for (std::uint32_t i = 0; i < message().target_count && reply.read(offset, target); ++i) {
        table.targets.push_back({.start = target.sector_start,
                                 .length = target.length,
                                 .type = text(target.target_type),
                                 .parameters = std::string(reply.string(offset + sizeof target))});
        offset = target.next; // in a reply counted from the first one
    }
    buffer_.shrink();
    return table;
}

std::vector<ListEntry> Control::list() {
    // Fresh, hence zero: a kernel without UUIDs leaves the bytes where the flags would be as they
    // were.
    buffer_.clear();
    ask_data(DM_LIST_DEVICES, "DM_LIST_DEVICES", Key::name({}), DM_UUID_FLAG);

    struct Header { // dm_name_list, whose end is flexible
        std::uint64_t device;
        std::uint32_t next;
    } header;

    constexpr std::size_t name_offset = offsetof(dm_name_list, name);

    struct Event {
        std::uint32_t number;
        std::uint32_t flags;
    } event;

    std::vector<ListEntry> entries;
    const Reply reply(message());
    std::size_t offset = 0;
    while (reply.read(offset, header) && header.device != 0) {
        const std::string_view name = reply.string(offset + name_offset);
        ListEntry entry{std::string(name), 0, std::nullopt};
        const std::size_t after = (offset + name_offset + name.size() + 1 + 7) & ~std::size_t{7};
        if (can_watch() && reply.read(after, event)) {
            entry.event_number = event.number;
            if ((event.flags & DM_NAME_LIST_FLAG_HAS_UUID) != 0)
                entry.uuid = reply.string(after + sizeof event);
        }
        entries.push_back(std::move(entry));
        if (header.next == 0)
            break;
        offset += header.next;
    }
    buffer_.shrink();
    return entries;
}

bool Control::ask(unsigned long command, const char* what, const Key& key) {
    return send(command, what, key, 0, sizeof(dm_ioctl));
}

bool Control::ask_data(unsigned long command, const char* what, const Key& key,
                       std::uint32_t flags) {
    while (send(command, what, key, flags, buffer_.size())) {
        if ((message().flags & DM_BUFFER_FULL_FLAG) == 0)
            return true;
        if (!buffer_.grow())
            throw_errno(control_device + std::string(": reply beyond all bounds"), EOVERFLOW);
    }
    return false;
}

bool Control::send(unsigned long command, const char* what, const Key& key, std::uint32_t flags,
                   std::size_t bytes) {
    if (key.name_.size() >= sizeof dm_ioctl::name || key.uuid_.size() >= sizeof dm_ioctl::uuid)
        return false; // no device can have it
    int result;
    do {
        auto& request = message();
        request = {};
        request.version[0] =
            DM_VERSION_MAJOR; // minor 0: a kernel refuses an interface newer than its own
        request.data_size = static_cast<std::uint32_t>(bytes);
        request.data_start = sizeof(dm_ioctl);
        request.flags = flags;
        request.dev = key.device_;
        std::ranges::copy(key.name_, request.name);
        std::ranges::copy(key.uuid_, request.uuid);
        result = ::ioctl(descriptor_.get(), command, &request);
    } while (result < 0 && errno == EINTR);

    if (result < 0 && errno != ENXIO)
        throw_errno(control_device + std::string(": ") + what);
    return result == 0;
}

dm_ioctl& Control::message() noexcept {
    return *reinterpret_cast<dm_ioctl*>(buffer_.data());
}

} // namespace lvmpolld::dm
