// SPDX-License-Identifier: LGPL-2.1-or-later
#include "varlink/reply.h"

#include "base/limits.h"
#include "base/statistics.h"
#include "varlink/interface_texts.h"
#include "varlink/object_text.h"
#include "varlink/operation_json.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace lvmpolld::varlink::reply {

namespace {

struct Interface {
    std::string_view name;
    std::string_view text;
};

constexpr std::array<Interface, 3> interfaces{{
    {"org.varlink.service", texts::org_varlink_service},
    {"io.lvmpolld.Operations", texts::io_lvmpolld_operations},
    {"io.lvmpolld.Statistics", texts::io_lvmpolld_statistics},
}};

std::string ended_with_nul(std::string text) {
    return std::move(text.append(terminator));
}

/// A reply whose parameters `add` adds to an ObjectText.
template <class Add>
std::string with(const Add& add) {
    std::string text = R"({"parameters":)";
    ObjectText parameters(text);
    add(parameters);
    parameters.end();
    return ended_with_nul(std::move(text += '}'));
}

/// An error with no parameter, or one.
template <class Value = std::string_view>
std::string error(std::string_view interface, std::string_view name, const char* key = nullptr,
                  const Value& value = {}) {
    std::string text;
    ObjectText reply(text);
    reply("error", std::string(interface).append(".").append(name));
    reply.with("parameters", [&] {
        ObjectText parameters(text);
        if (key != nullptr)
            parameters(key, value);
        parameters.end();
    });
    reply.end();
    return ended_with_nul(std::move(text));
}

constexpr std::string_view service = "org.varlink.service";
constexpr std::string_view operations = "io.lvmpolld.Operations";

constexpr std::array<const char*, Statistics::types> type_names{"pvmove", "convert", "merge",
                                                                "mergeThin", "abort"};

void add(ObjectText& text, const Statistics::Requests& requests) {
    text("hello", requests.hello.value());
    for (std::size_t type = 0; type < Statistics::types; ++type)
        text(type_names[type], requests.starts[type].value());
    text("progress", requests.progress.value());
    text("dump", requests.dump.value());
    text("rejected", requests.rejected.value());
}

void add(ObjectText& text, const Statistics::Ended& ended) {
    text("completed", ended.completed.value());
    text("failed", ended.failed.value());
    text("killed", ended.killed.value());
    text("unknown", ended.unknown.value());
}

/// A member that is an object.
template <class Something>
void add(ObjectText& parent, std::string& text, const char* key, const Something& something) {
    parent.with(key, [&] {
        ObjectText object(text);
        add(object, something);
        object.end();
    });
}

void add_ended(std::string& text, const Statistics& statistics) {
    ObjectText types(text);
    for (std::size_t type = 0; type < Statistics::types; ++type)
        add(types, text, type_names[type], statistics.ended[type]);
    types.end();
}

void add_histogram(std::string& text, const Histogram& histogram) {
    text += '[';
    for (std::size_t number = 0; number < histogram.buckets().size(); ++number) {
        text += number == 0 ? "" : ",";
        ObjectText bucket(text);
        if (number < Histogram::bounds.size())
            bucket("atMost", Histogram::bounds[number]);
        bucket("requests", histogram.buckets()[number].value());
        bucket.end();
    }
    text += ']';
}

} // namespace

std::string operation(std::string_view operation_text, bool continues) {
    std::string text = R"({"parameters":{"operation":)";
    text.append(operation_text).append(continues ? R"(},"continues":true})" : "}}");
    return ended_with_nul(std::move(text));
}

std::string present_state_is_complete() {
    return ended_with_nul(R"({"parameters":{},"continues":true})");
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
    return error(operations, "NoSuchOperation");
}

std::string timed_out(std::size_t remaining) {
    return error(operations, "TimedOut", "remaining", remaining);
}

std::string subscriber_too_slow() {
    return error(operations, "SubscriberTooSlow");
}

std::string expected_more() {
    return error(service, "ExpectedMore");
}

std::string info(std::string_view version) {
    std::vector<std::string_view> names;
    names.reserve(std::size(interfaces));
    for (const auto& interface : interfaces)
        names.push_back(interface.name);
    return with([&](ObjectText& parameters) {
        parameters("vendor", "lvmpolld");
        parameters("product", "lvmpolld");
        parameters("version", version);
        parameters("url", "");
        parameters("interfaces", names);
    });
}

std::string description(const std::string& interface) {
    const auto* const found = std::ranges::find(interfaces, interface, &Interface::name);
    if (found == interfaces.end())
        return error(service, "InterfaceNotFound", "interface", interface);
    return with([&](ObjectText& parameters) { parameters("description", found->text); });
}

std::string rejected(const call::Rejected& rejected) {
    return error(service, rejected.error, rejected.key.c_str(), rejected.value);
}

std::string statistics(const Statistics& statistics) {
    std::string text = R"({"parameters":)";
    ObjectText parameters(text);
    parameters("started", statistics.started.time_since_epoch());
    add(parameters, text, "requests", statistics.requests);
    parameters.with("operations", [&] { add_ended(text, statistics); });
    parameters("steps", statistics.steps.value());
    parameters("lvpollRuns", statistics.lvpoll_runs.value());
    parameters("retired", statistics.retired.value());
    parameters("failedStarts", statistics.failed_starts.value());
    parameters("comparisons", statistics.comparisons.value());
    parameters("bytesCompared", statistics.bytes_compared.value());
    parameters("refusedCopies", statistics.refused_copies.value());
    parameters("droppedLogLines", statistics.dropped_log_lines.value());
    parameters("takenUp", statistics.taken_up.value());
    parameters.with("latency", [&] { add_histogram(text, statistics.latency); });
    parameters("latencySum", statistics.latency.sum());
    parameters.end();
    return ended_with_nul(std::move(text += '}'));
}

} // namespace lvmpolld::varlink::reply
