// SPDX-License-Identifier: LGPL-2.1-or-later
#include "varlink/reply.h"

#include "base/limits.h"
#include "base/statistics.h"
#include "varlink/interface_texts.h"
#include "varlink/json.h"
#include "varlink/operation_json.h"

#include <algorithm>
#include <array>
#include <utility>

namespace lvmpolld::varlink::reply {

namespace {

struct Interface {
    std::string_view name;
    std::string_view text;
};

constexpr std::array<Interface, 3> interfaces{{
    {"org.varlink.service", texts::org_varlink_service},
    {"io.lvmpolld.Operations", texts::io_lvmpolld_Operations},
    {"io.lvmpolld.Statistics", texts::io_lvmpolld_Statistics},
}};

std::string ended_with_nul(std::string text) {
    return std::move(text.append(terminator));
}

std::string with(Json parameters) {
    return ended_with_nul(text_of({{"parameters", std::move(parameters)}}));
}

std::string error(std::string_view name, Json parameters = Json::object()) {
    return ended_with_nul(text_of({{"error", name}, {"parameters", std::move(parameters)}}));
}

std::string error_of_service(std::string_view name, Json parameters = Json::object()) {
    return error(std::string("org.varlink.service.").append(name), std::move(parameters));
}

std::string error_of_operations(std::string_view name, Json parameters = Json::object()) {
    return error(std::string("io.lvmpolld.Operations.").append(name), std::move(parameters));
}

constexpr std::array<const char*, Statistics::types> type_names{"pvmove", "convert", "merge",
                                                                "mergeThin", "abort"};

Json json_of(const Statistics::Requests& requests) {
    Json json{{"hello", requests.hello.value()}};
    for (std::size_t type = 0; type < Statistics::types; ++type)
        json[type_names[type]] = requests.starts[type].value();
    json["progress"] = requests.progress.value();
    json["dump"] = requests.dump.value();
    json["rejected"] = requests.rejected.value();
    return json;
}

Json json_of(const Statistics::Ended& ended) {
    return {{"completed", ended.completed.value()},
            {"failed", ended.failed.value()},
            {"killed", ended.killed.value()},
            {"unknown", ended.unknown.value()}};
}

Json json_of(const Histogram& histogram) {
    auto json = Json::array();
    for (std::size_t bucket = 0; bucket < histogram.buckets().size(); ++bucket) {
        auto& each = json.emplace_back(Json::object());
        if (bucket < Histogram::bounds.size())
            each["atMost"] = Histogram::bounds[bucket];
        each["requests"] = histogram.buckets()[bucket].value();
    }
    return json;
}

} // namespace

std::string operation(std::string_view operation_text, bool continues) {
    std::string text = R"({"parameters":{"operation":)";
    text.append(operation_text).append(continues ? R"(},"continues":true})" : "}}");
    return ended_with_nul(std::move(text));
}

std::string present_state_is_complete() {
    return ended_with_nul(text_of({{"parameters", Json::object()}, {"continues", true}}));
}

std::string ended(const std::vector<const overview::Entry*>& entries, std::size_t more,
                  std::size_t failed) {
    constexpr std::size_t frame = 128; // what stands around them
    std::string text = R"({"parameters":{"ended":[)";
    std::size_t shown = 0;
    for (const auto* entry : entries) {
        const auto each = operation_text(*entry);
        if (text.size() + each.size() + frame > limits::varlink_message_bytes)
            break;
        text.append(shown++ == 0 ? "" : ",").append(each);
    }
    text.append(R"(],"omitted":)").append(std::to_string(entries.size() - shown + more));
    text.append(R"(,"failed":)").append(std::to_string(failed)).append("}}");
    return ended_with_nul(std::move(text));
}

std::string no_such_operation() {
    return error_of_operations("NoSuchOperation");
}

std::string timed_out(std::size_t remaining) {
    return error_of_operations("TimedOut", {{"remaining", remaining}});
}

std::string subscriber_too_slow() {
    return error_of_operations("SubscriberTooSlow");
}

std::string expected_more() {
    return error_of_service("ExpectedMore");
}

std::string info(std::string_view version) {
    auto names = Json::array();
    for (const auto& interface : interfaces)
        names.push_back(interface.name);
    return with({{"vendor", "lvmpolld"},
                 {"product", "lvmpolld"},
                 {"version", version},
                 {"url", ""},
                 {"interfaces", std::move(names)}});
}

std::string description(const std::string& interface) {
    const auto* const found = std::ranges::find(interfaces, interface, &Interface::name);
    if (found == interfaces.end())
        return error_of_service("InterfaceNotFound", {{"interface", interface}});
    return with({{"description", found->text}});
}

std::string rejected(const call::Rejected& rejected) {
    return error_of_service(rejected.error, {{rejected.key, rejected.value}});
}

std::string statistics(const Statistics& statistics) {
    using std::chrono::duration_cast;
    using std::chrono::microseconds;
    auto operations = Json::object();
    for (std::size_t type = 0; type < Statistics::types; ++type)
        operations[type_names[type]] = json_of(statistics.ended[type]);
    const auto started = duration_cast<microseconds>(statistics.started.time_since_epoch());
    return with({{"started", started.count()},
                 {"requests", json_of(statistics.requests)},
                 {"operations", std::move(operations)},
                 {"steps", statistics.steps.value()},
                 {"lvpollRuns", statistics.lvpoll_runs.value()},
                 {"retired", statistics.retired.value()},
                 {"failedStarts", statistics.failed_starts.value()},
                 {"comparisons", statistics.comparisons.value()},
                 {"bytesCompared", statistics.bytes_compared.value()},
                 {"refusedCopies", statistics.refused_copies.value()},
                 {"droppedLogLines", statistics.dropped_log_lines.value()},
                 {"takenUp", statistics.taken_up.value()},
                 {"latency", json_of(statistics.latency)}});
}

} // namespace lvmpolld::varlink::reply
