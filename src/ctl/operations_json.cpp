// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/operations_json.h"

#include "ctl/words.h"
#include "varlink/json.h"
#include "varlink/operation_json.h"

#include <algorithm>
#include <array>

namespace lvmpolld::ctl {

namespace {

/// `wanted`: which ones.
template <class Predicate>
std::string array_of(const std::vector<overview::Entry>& entries, Predicate wanted) {
    std::string text = "[";
    for (const auto& entry : entries)
        if (wanted(entry))
            text.append(text.size() > 1 ? "," : "").append(varlink::operation_text(entry));
    return text + "]";
}

} // namespace

std::string list_json(const std::vector<overview::Entry>& entries, Teller teller,
                      const std::string& remark) {
    static constexpr std::array tellers{"kernel", "dump", "daemon"};
    auto text = R"({"operations":)" + array_of(entries, [](const auto&) { return true; });
    text.append(R"(,"source":")").append(tellers[static_cast<std::size_t>(teller)]).append("\"");
    if (!remark.empty())
        text.append(R"(,"remark":)").append(varlink::text_of(varlink::Json(remark)));
    return text + "}\n";
}

std::string operation_json(const overview::Entry& entry) {
    return R"({"operation":)" + varlink::operation_text(entry) + "}\n";
}

std::string ended_json(const std::vector<overview::Entry>& entries, bool timed_out) {
    const auto failed = std::ranges::count_if(entries, has_failed);
    return R"({"ended":)" + array_of(entries, [](const auto& entry) { return entry.is_over(); }) +
           R"(,"remaining":)" +
           array_of(entries, [](const auto& entry) { return !entry.is_over(); }) + R"(,"failed":)" +
           std::to_string(failed) + R"(,"timedOut":)" + (timed_out ? "true" : "false") + "}\n";
}

} // namespace lvmpolld::ctl
