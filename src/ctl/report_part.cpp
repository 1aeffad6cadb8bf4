// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/report_part.h"

#include "base/text_file.h"
#include "ctl/programs.h"

#include <cerrno>
#include <cstring>
#include <exception>
#include <new>

namespace lvmpolld::ctl {

void ReportPart::say(std::string_view text) {
    section_.text += text;
    if (!text.ends_with('\n'))
        section_.text += '\n';
}

void ReportPart::run(const std::vector<std::string>& arguments, bool answers) {
    std::string line = "$";
    for (const auto& argument : arguments)
        line += " " + argument;
    attempt([&] {
        const auto captured = capture(arguments, {.most = std::size_t{256} << 10, .errors = true});
        say(line);
        if (!captured.text.empty())
            say(captured.text);
        if (captured.cut)
            miss("'" + line.substr(2) + "' prints more than is shown");
        if (!captured.trouble.empty())
            miss(captured.trouble);
        else if (captured.status != 0 && !answers)
            miss("'" + line.substr(2) + "' ended with " + std::to_string(captured.status));
    });
}

void ReportPart::show_file(const std::string& path) {
    const auto text = read_text_file(path.c_str());
    if (!text && errno != ENOENT)
        return miss(path + ": " + std::strerror(errno));
    say(text ? "# " + path : "# there is no " + path);
    if (text && !text->empty())
        say(*text);
}

void ReportPart::attempt(const std::function<void()>& action) {
    try {
        action();
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception& error) {
        miss(error.what());
    }
}

} // namespace lvmpolld::ctl
