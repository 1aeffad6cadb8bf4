// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/report_text.h"

#include "ctl/pseudonyms.h"
#include "ctl/report_part.h"
#include "golden.h"
#include "samples.h"

#include <gtest/gtest.h>

#include <stdexcept>

using namespace lvmpolld;
using namespace lvmpolld::ctl;
using lvmpolld::test::expect_golden;

namespace {

std::vector<ReportSection> sections() {
    return {{.name = "versions", .text = "lvm 2.03.16\n"},
            {.name = "journal",
             .text = "polling of sales/orders (merge): begins\nlvpoll[17]: \033[31mred\n"
                     "the leg on /dev/sdx failed",
             .missing = {"journalctl did not end within 10 s"}},
            {.name = "units", .missing = {"systemd does not run here", "nothing of sales/orders"}}};
}

} // namespace

TEST(ReportText, HasAllSectionsAndWhatIsMissing) {
    expect_golden("report", report_text({.made_at = test::now, .user = "root"}, sections()));
}

TEST(ReportText, AnonymousNamesAreTheSameInAllSections) {
    auto anonymous = sections();
    make_anonymous(anonymous, Pseudonyms());
    expect_golden(
        "report-anonymous",
        report_text({.made_at = test::now, .user = "user 1000", .anonymous = true}, anonymous));
}

TEST(ReportText, OfNothing) {
    const auto text = report_text({.made_at = test::now, .user = "root"}, {});
    EXPECT_NE(text.find("Nothing is missing.\n"), text.npos);
}

TEST(ReportText, IsCalledByTheTime) {
    EXPECT_EQ(report_name(test::now), "lvmpolld-report-20251126T022944Z.txt");
}

TEST(ReportPart, ShowsCommandLineOutputAndErrors) {
    ReportPart part("programs");
    part.run({"sh", "-c", "echo out; echo err >&2"});
    const auto section = std::move(part).take();
    EXPECT_EQ(section.text, "$ sh -c echo out; echo err >&2\nout\nerr\n");
    EXPECT_TRUE(section.missing.empty());
}

TEST(ReportPart, NamesWhatFails) {
    ReportPart part("failures");
    part.run({"no-such-program"});
    part.run({"sh", "-c", "exit 3"});
    part.run({"sh", "-c", "exit 4"}, true);
    part.show_file("/proc/self");
    part.attempt([] { throw std::runtime_error("the sky falls"); });
    const auto section = std::move(part).take();
    EXPECT_EQ(section.missing,
              (std::vector<std::string>{"cannot run no-such-program: No such file or directory",
                                        "'sh -c exit 3' ended with 3", "/proc/self: Is a directory",
                                        "the sky falls"}));
}
