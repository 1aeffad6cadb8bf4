// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dm/control.h"

#include "base/error.h"

#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace lvmpolld::dm {

namespace {

constexpr const char* control_device = "/dev/mapper/control";
constexpr std::size_t initial_bytes = 4096;
/// What the buffer keeps between two questions; a table with a thousand segments needs about 64 KiB.
constexpr std::size_t kept_bytes = std::size_t{256} << 10;
/// Above any list or table that a kernel could give; a bound against a runaway.
constexpr std::size_t maximum_bytes = std::size_t{256} << 20;

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

void Control::Free::operator()(void* memory) const noexcept {
    std::free(memory);
}

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
    allocate(initial_bytes);
    ask(DM_VERSION, "DM_VERSION");
    version_ = {buffer_->version[0], buffer_->version[1], buffer_->version[2]};
}

void Control::arm() {
    ask(DM_DEV_ARM_POLL, "DM_DEV_ARM_POLL");
}

std::optional<Device> Control::device(const Key& key) {
    if (!ask(DM_DEV_STATUS, "DM_DEV_STATUS", key))
        return std::nullopt;
    return device_of(*buffer_);
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
    Table table{device_of(*buffer_), {}};
    const Reply reply(*buffer_);
    std::size_t offset = 0;
    dm_target_spec target;
    for (std::uint32_t i = 0; i < buffer_->target_count && reply.read(offset, target); ++i) {
        table.targets.push_back({.start = target.sector_start,
                                 .length = target.length,
                                 .type = text(target.target_type),
                                 .parameters = std::string(reply.string(offset + sizeof target))});
        offset = target.next; // in a reply counted from the first one
    }
    shrink();
    return table;
}

std::vector<ListEntry> Control::list() {
    // Fresh, hence zero: a kernel without UUIDs leaves the bytes where the flags would be as they were.
    allocate(initial_bytes);
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
    const Reply reply(*buffer_);
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
    shrink();
    return entries;
}

bool Control::ask(unsigned long command, const char* what, const Key& key) {
    return send(command, what, key, 0, sizeof(dm_ioctl));
}

bool Control::ask_data(unsigned long command, const char* what, const Key& key, std::uint32_t flags) {
    while (send(command, what, key, flags, capacity_)) {
        if ((buffer_->flags & DM_BUFFER_FULL_FLAG) == 0)
            return true;
        allocate(capacity_ * 2);
    }
    return false;
}

bool Control::send(unsigned long command, const char* what, const Key& key, std::uint32_t flags,
                   std::size_t bytes) {
    if (key.name_.size() >= sizeof buffer_->name || key.uuid_.size() >= sizeof buffer_->uuid)
        return false; // no device can have it
    int result;
    do {
        *buffer_ = {};
        buffer_->version[0] = DM_VERSION_MAJOR; // minor 0: a kernel refuses an interface newer than its own
        buffer_->data_size = static_cast<std::uint32_t>(bytes);
        buffer_->data_start = sizeof(dm_ioctl);
        buffer_->flags = flags;
        buffer_->dev = key.device_;
        std::ranges::copy(key.name_, buffer_->name);
        std::ranges::copy(key.uuid_, buffer_->uuid);
        result = ::ioctl(descriptor_.get(), command, buffer_.get());
    } while (result < 0 && errno == EINTR);

    if (result < 0 && errno != ENXIO)
        throw_errno(control_device + std::string(": ") + what);
    return result == 0;
}

void Control::allocate(std::size_t bytes) {
    if (bytes > maximum_bytes)
        throw_errno(control_device + std::string(": reply beyond all bounds"), EOVERFLOW);
    buffer_.reset(static_cast<dm_ioctl*>(std::calloc(1, bytes)));
    if (!buffer_)
        throw std::bad_alloc();
    capacity_ = bytes;
}

void Control::shrink() {
    if (capacity_ > kept_bytes)
        allocate(initial_bytes);
}

} // namespace lvmpolld::dm
