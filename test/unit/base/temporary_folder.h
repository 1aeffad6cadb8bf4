// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/error.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

namespace lvmpolld {

/// A folder for one test, removed with all that is in it.
class TemporaryFolder {
public:
    TemporaryFolder()
        : path_((std::filesystem::temp_directory_path() / "lvmpolld-test-XXXXXX").string()) {
        if (::mkdtemp(path_.data()) == nullptr)
            throw_errno("cannot make the folder " + path_);
    }

    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    /// The path of `name` in the folder.
    std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }

private:
    std::string path_;
};

} // namespace lvmpolld
