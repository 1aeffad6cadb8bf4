// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fake_lvm {

class Words;

/// The result of a system call that must not fail.
int checked(int result, const char* what);

/// One fake: where it reads its steps from, and what they do (fake_lvm.cpp lists them).
class Puppet {
public:
    /// `lock`: the descriptor that shows that it runs, or -1.
    Puppet(std::string directory, std::string name, int lock);

    /// Sends the record, a line of JSON without the name, to whoever directs this run.
    void open(const std::string& record);

    void play();

private:
    std::optional<std::string> next_line();
    void perform(const std::string& line);
    static void flood(Words& words);
    static int pipe_named(std::string_view name);
    void on_term(Words& words);
    void leave_grandchild(const std::string& name);
    void wait_for(const std::string& file) const;

    std::string directory_;
    std::string name_;
    int lock_;
    int steps_ = -1;
    bool directed_ = false;
    std::string read_;
};

} // namespace fake_lvm
