// SPDX-License-Identifier: LGPL-2.1-or-later
// Any text is understood or rejected with a proper reply, and what is accepted is safe to hand on.
#include "base/limits.h"
#include "wire/framing.h"
#include "wire/request.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace limits = lvmpolld::limits;
using namespace lvmpolld::wire;

namespace {

void require(bool condition) {
    if (!condition)
        std::abort();
}

void require_clean(std::string_view text) {
    require(!text.empty() && text.size() <= limits::parameter_bytes);
    require(std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }));
}

void require_name(std::string_view name) {
    require_clean(name);
    require(name.size() <= limits::name_characters && name.front() != '-' && name != "." && name != "..");
    require(name.find_first_of("/ \"'\\:") == name.npos);
}

void check(const Hello&) {}

void check(const Dump&) {}

void check(const ProgressInfo& request) {
    require_clean(request.lvid);
    if (request.sysdir)
        require_clean(*request.sysdir);
    require(request.identity().ends_with(request.lvid));
}

void check(const PollRequest& request) {
    require_clean(request.lvid);
    require_name(request.vgname);
    require_name(request.lvname);
    require_clean(request.interval.text);
    require(Interval::parse(request.interval.text) == request.interval);
    require(!request.abort || request.type == OperationType::pvmove);
    for (const auto* optional : {&request.sysdir, &request.devicesfile})
        if (*optional)
            require_clean(**optional);
    require(request.identity() == request.sysdir.value_or("") + request.lvid);
}

void check(const Rejected& rejected) {
    const std::string_view reply = rejected.reply;
    require(reply.starts_with("response = \"failed\"\nreason = \"") ||
            reply.starts_with("response = \"invalid\"\nreason = \""));
    require(reply.find(terminator) == reply.size() - terminator.size());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto request = parse_request({reinterpret_cast<const char*>(data), size});
    std::visit([](const auto& alternative) { check(alternative); }, request);
    return 0;
}
