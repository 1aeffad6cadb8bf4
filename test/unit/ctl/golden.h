// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace lvmpolld::test {

/// The text has to be that of the file golden/NAME. With UPDATE_GOLDEN in the environment the file
/// is written instead, and the test fails: look at the difference, and commit it.
inline void expect_golden(const std::string& name, const std::string& text) {
    const auto path = std::string(GOLDEN_DIRECTORY "/") + name;
    if (std::getenv("UPDATE_GOLDEN") != nullptr) {
        std::ofstream(path) << text;
        ADD_FAILURE() << path << " is written";
        return;
    }
    std::ifstream file(path);
    ASSERT_TRUE(file) << "there is no " << path;
    EXPECT_EQ(text, std::string(std::istreambuf_iterator<char>(file), {})) << path;
}

} // namespace lvmpolld::test
