// SPDX-License-Identifier: LGPL-2.1-or-later
// Any text is understood or rejected with a proper reply, and what is accepted is safe to hand on.
#include "base/limits.h"
#include "require.h"
#include "wire/framing.h"
#include "wire/request.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace lvmpolld;
using namespace lvmpolld::wire;

namespace {

void require_clean(std::string_view text) {
    require(!text.empty() && text.size() <= limits::parameter_bytes);
    require(std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }));
}

void require_name(std::string_view name) {
    require_clean(name);
    require(name.size() <= limits::name_characters && name.front() != '-' && name != "." &&
            name != "..");
    require(name.find_first_of("/ \"'\\:") == name.npos);
}

void check(const Hello&) {}

void check(const Dump&) {}

void check(const Identity& identity) {
    require_clean(identity.lvid());
    if (identity.sysdir())
        require_clean(*identity.sysdir());
    require(identity.text() == std::string(identity.sysdir().value_or("")).append(identity.lvid()));
}

void check(const ProgressInfo& question) {
    check(question.identity);
}

void check(const Start& start) {
    const auto& request = start.request;
    check(request.identity);
    require_name(request.vgname);
    require_name(request.lvname);
    require_clean(request.interval.text);
    require(Interval::parse(request.interval.text) == request.interval);
    require(!request.abort || request.type == OperationType::pvmove);
    if (request.devicesfile)
        require_clean(*request.devicesfile);
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
