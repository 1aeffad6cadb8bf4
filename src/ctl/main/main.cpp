// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/command.h"
#include "ctl/output.h"
#include "ctl/verbs.h"

#include <unistd.h>

#include <cerrno>
#include <exception>
#include <system_error>

namespace {

using namespace lvmpolld::ctl;

int run(const Command& command) {
    switch (command.verb) {
    case Verb::list:
        return run_list(command);
    case Verb::watch:
        return run_watch(command);
    case Verb::wait:
        return run_wait(command);
    case Verb::show:
        return run_show(command);
    case Verb::abort:
        return run_abort(command);
    case Verb::throttle:
        return run_throttle(command);
    case Verb::doctor:
        return run_doctor(command);
    case Verb::metrics:
        return run_metrics(command);
    case Verb::report:
        return run_report(command);
    }
    return exit_usage;
}

bool is_denied(const std::system_error& error) {
    const int code = error.code().value();
    return (code == EACCES || code == EPERM) && ::geteuid() != 0;
}

} // namespace

int main(int argc, char** argv) {
    try {
        int code = exit_done;
        const auto command = parse_command(argc, argv, code);
        return command ? run(*command) : code;
    } catch (const Refused& refused) {
        complain(refused.what());
        return refused.code;
    } catch (const std::system_error& error) {
        complain(is_denied(error)
                     ? "only root may ask lvmpolld and device-mapper: run it as root, or with sudo"
                     : error.what());
    } catch (const std::exception& error) {
        complain(error.what());
    }
    return exit_failed;
}
