// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/recording_log.h"
#include "base/temporary_folder.h"
#include "operation/test_request.h"
#include "state/state_directory.h"

#include <unistd.h>

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace lvmpolld {

class StateDirectoryTest : public testing::Test {
protected:
    static Record record(RecordNumber number) {
        return {.number = number, .request = poll_request("id")};
    }

    static Record abort_record(RecordNumber number) {
        return {.number = number, .request = abort_request("id")};
    }

    std::vector<RecordNumber> loaded() {
        std::vector<RecordNumber> numbers;
        for (const auto& record : StateDirectory(path, log).load())
            numbers.push_back(record.number);
        return numbers;
    }

    void put(const std::string& name, std::string_view text) const {
        std::ofstream(path + "/" + name) << text;
    }

    bool exists(const std::string& name) const {
        return ::access((path + "/" + name).c_str(), F_OK) == 0;
    }

    TemporaryFolder folder;
    const std::string path = folder / "socket.state";
    RecordingLog log;
};

} // namespace lvmpolld
