// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "machine.h"

#include <sys/types.h>

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// What the system calls of system_calls.cpp work with. They return as the real ones do.
namespace lvmpolld::simulation {

/// No descriptor of the real system is as high.
inline constexpr int first_descriptor = 1 << 20;

/// What a descriptor of the machine stands for.
struct Open {
    enum class Kind { directory, file, log, text } kind = Kind::directory;
    std::shared_ptr<File> file{};
    std::string name{};
    std::size_t position = 0; ///< bytes, or records of the log
};

/// The one that is in place; null: none.
extern Machine* the_machine;
extern std::map<int, Open> descriptors;

inline bool is_ours(int descriptor) {
    return descriptor >= first_descriptor;
}

/// Sets errno and returns -1.
int fail(int error);

/// A descriptor for it, or -1.
int add(Open open);

/// False: the caller is dead, and what it does counts as done.
bool may_act(const std::string& what);

/// Nothing fits into the state directory, but for its reserve.
bool is_full();

int open_file(const std::string& name, int flags);

/// Nothing: the path is not the machine's.
std::optional<int> open_path(std::string_view path);

ssize_t read_open(Open& open, char* to, std::size_t size);
ssize_t write_open(Open& open, const char* from, std::size_t size);

} // namespace lvmpolld::simulation
