// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/text_file.h"
#include "ctl/output.h"
#include "ctl/verbs.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace lvmpolld::ctl {

namespace {

void set(const std::string& parameter, unsigned percent) {
    const auto text = std::to_string(percent);
    const FileDescriptor file(::open(parameter.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
    if (!file || ::write(file.get(), text.data(), text.size()) < 0)
        throw_errno("cannot write " + parameter);
}

} // namespace

int run_throttle(const Command& command, const std::string& parameter) {
    if (::access(parameter.c_str(), F_OK) != 0)
        throw Refused("the module dm-mirror is not loaded, so there is no throttle yet: it comes "
                      "with the first mirror, or with 'modprobe dm-mirror'",
                      exit_nothing);
    if (command.percent)
        set(parameter, *command.percent);
    const auto text = read_text_file(parameter.c_str());
    if (!text)
        throw_errno("cannot read " + parameter);
    const auto percent = std::to_string(std::strtoul(text->c_str(), nullptr, 10));
    if (command.json)
        print("{\"percent\":" + percent + "}\n");
    else
        print("Mirrors copy in " + percent + "% of the time.\n");
    if (command.percent)
        complain("this holds for all moves and mirrors of this host until the next boot; RAID has "
                 "'lvchange --maxrecoveryrate'");
    return exit_done;
}

} // namespace lvmpolld::ctl
