// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/file_descriptor.h"
#include "base/write_all.h"
#include "ctl/output.h"
#include "ctl/report_sections.h"
#include "ctl/verbs.h"
#include "overview/moment.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

namespace lvmpolld::ctl {

namespace {

constexpr mode_t for_its_owner = 0600;

/// Programs are found that only root has in its path, and speak English.
void prepare_environment() {
    const char* const path = std::getenv("PATH");
    ::setenv("PATH",
             (std::string(path == nullptr ? "/usr/bin:/bin" : path) + ":/usr/sbin:/sbin").c_str(),
             1);
    ::setenv("LC_ALL", "C.UTF-8", 1);
    ::setenv("LVM_SUPPRESS_FD_WARNINGS", "1", 1); // of descriptors that are not ours
}

/// Also where everybody may write, nobody else can have the file ready for us.
FileDescriptor new_file(const std::string& path) {
    FileDescriptor file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, for_its_owner));
    if (!file && errno == EEXIST)
        throw Refused(path + " exists, and stays as it is: name another file");
    if (!file)
        throw Refused("cannot write " + path + ": " + std::strerror(errno));
    return file;
}

void write(const FileDescriptor& file, const std::string& path, std::string_view text) {
    if (write_all(file.get(), text))
        return;
    const int error = errno;
    ::unlink(path.c_str());
    throw Refused("cannot write " + path + ": " + std::strerror(error));
}

} // namespace

int run_report(const Command& command) {
    if (command.json)
        throw Refused("a report is for people, and has no JSON: 'lvmpollctl doctor --json' and "
                      "'lvmpollctl list --json' have parts of it",
                      exit_usage);
    prepare_environment();
    const auto made_at = overview::Moment::now().wall;
    const auto path = command.file.empty() ? report_name(made_at) : command.file;
    const auto file = path == "-" ? FileDescriptor() : new_file(path);
    auto sections = report_sections(command);
    if (command.anonymous)
        make_anonymous(sections, names_of_host());
    const auto user = ::geteuid();
    const ReportHead head{
        .made_at = made_at,
        .user = user == 0 ? "root" : "user " + std::to_string(user) + ", who is told little",
        .anonymous = command.anonymous};
    const auto text = report_text(head, sections);
    if (!file) {
        print(text);
        return exit_done;
    }
    write(file, path, text);
    print(path + " is written, for you alone to read: look at it before you send it.\n");
    return exit_done;
}

} // namespace lvmpolld::ctl
