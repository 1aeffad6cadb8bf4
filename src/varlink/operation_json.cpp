// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The fields of an `Operation`, once for both directions: `visit` names each field and hands it to
// a Writer or a Reader. An optional that is empty has no key; likewise what is visited with if_any.
#include "varlink/operation_json.h"

#include "base/limits.h"
#include "varlink/object_text.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace lvmpolld::varlink {

namespace {

using overview::Entry;
using overview::Outcome;

template <class T>
struct IsOptional : std::false_type {};

template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

/// Room for most operations.
constexpr std::size_t typical_bytes = 640;

/// This is no operation.
struct Unreadable {};

class Writer : public ObjectText {
public:
    using ObjectText::ObjectText;
    using ObjectText::operator();

    template <class Enumeration>
        requires std::is_enum_v<Enumeration>
    void operator()(const char* key, const Enumeration& value) {
        (*this)(key, overview::name(value));
    }

    template <class Enumeration>
        requires std::is_enum_v<Enumeration>
    void operator()(const char* key, const std::optional<Enumeration>& value) {
        if (value)
            (*this)(key, *value);
    }

    void if_any(const char* key, const std::vector<std::string>& values) {
        if (!values.empty())
            (*this)(key, values);
    }

    /// A text of which only the beginning matters.
    void if_any(const char* key, std::string_view value) {
        if (!value.empty())
            (*this)(key, value.substr(0, limits::reason_bytes));
    }
};

class Reader {
public:
    explicit Reader(const Json& object) : object_(object) {
        if (!object.is_object())
            throw Unreadable{};
    }

    template <class T>
    void operator()(const char* key, T& value) const {
        const auto found = object_.find(key);
        if constexpr (IsOptional<T>::value) {
            if (found != object_.end() && !found->is_null())
                read(*found, value.emplace());
        } else {
            if (found == object_.end())
                throw Unreadable{};
            read(*found, value);
        }
    }

    template <class T>
    void if_any(const char* key, T& value) const {
        if (const auto found = object_.find(key); found != object_.end() && !found->is_null())
            read(*found, value);
    }

private:
    template <class T>
    static void read(const Json& json, T& value) {
        if constexpr (std::is_enum_v<T>) {
            const auto word = json.is_string()
                                  ? overview::named<T>(json.get_ref<const std::string&>())
                                  : std::nullopt;
            if (!word)
                throw Unreadable{};
            value = *word;
        } else if constexpr (IsDuration<T>::value) {
            if (!json.is_number_integer())
                throw Unreadable{};
            value =
                std::chrono::duration_cast<T>(std::chrono::microseconds(json.get<std::int64_t>()));
        } else if constexpr (std::is_arithmetic_v<T>) {
            if (!json.is_number_integer())
                throw Unreadable{};
            value = json.get<T>();
        } else if constexpr (std::is_same_v<T, std::string>) {
            if (!json.is_string())
                throw Unreadable{};
            value = json.get<std::string>();
        } else {
            if (!json.is_array())
                throw Unreadable{};
            for (const auto& each : json)
                read(each, value.emplace_back());
        }
    }

    const Json& object_;
};

template <class Visitor, class SomeEntry>
void visit_context(Visitor& visit, SomeEntry& entry) {
    visit("type", entry.kind);
    visit("store", entry.store);
    visit("polledBy", entry.polled_by);
    visit("volumeGroup", entry.vg);
    visit("logicalVolume", entry.lv);
    visit("lvid", entry.lvid);
    visit.if_any("systemDirectory", entry.sysdir);
    visit("interval", entry.interval);
}

template <class Visitor, class SomeEntry>
void visit_runtime(Visitor& visit, SomeEntry& entry) {
    visit("state", entry.state);
    visit.if_any("waitsFor", entry.waits_for);
    visit("bytesDone", entry.bytes_done);
    visit("bytesTotal", entry.bytes_total);
    visit("bytesPerSecond", entry.bytes_per_second);
    visit("expectedEnd", entry.expected_end);
    visit("started", entry.started);
    visit("lastProgress", entry.last_progress);
    visit("finished", entry.finished);
    visit("engine", entry.engine);
    visit("childProcess", entry.child);
    visit.if_any("output", entry.output);
    visit("waitingClients", entry.waiting_clients);
    visit("requests", entry.requests);
    visit("verification", entry.verification);
    visit("bytesCompared", entry.bytes_compared);
    visit("bytesToCompare", entry.bytes_to_compare);
    visit("readsFrom", entry.reads_from);
    visit("writesTo", entry.writes_to);
}

template <class Visitor, class SomeOutcome>
void visit_result(Visitor& visit, SomeOutcome& outcome) {
    visit("ending", outcome.ending);
    visit("exitCode", outcome.exit_code);
    visit("signal", outcome.signal);
    visit.if_any("reason", outcome.reason);
}

} // namespace

std::string operation_text(const Entry& entry) {
    std::string text;
    text.reserve(typical_bytes);
    Writer operation(text);
    operation("identifier", entry.identifier);
    operation.with("context", [&] {
        Writer context(text);
        visit_context(context, entry);
        context.end();
    });
    operation.with("runtime", [&] {
        Writer runtime(text);
        visit_runtime(runtime, entry);
        if (entry.result)
            runtime.with("result", [&] {
                Writer result(text);
                visit_result(result, *entry.result);
                result.end();
            });
        runtime.end();
    });
    operation.end();
    return text;
}

std::optional<Entry> to_entry(const Json& operation) {
    try {
        Entry entry;
        const Reader fields(operation);
        fields("identifier", entry.identifier);
        const auto context = operation.value("context", Json());
        const auto runtime = operation.value("runtime", Json());
        const Reader context_fields(context);
        visit_context(context_fields, entry);
        const Reader runtime_fields(runtime);
        visit_runtime(runtime_fields, entry);
        if (const auto result = runtime.find("result"); result != runtime.end()) {
            const Reader result_fields(*result);
            visit_result(result_fields, entry.result.emplace());
        }
        return entry;
    } catch (const Unreadable&) {
        return std::nullopt;
    }
}

} // namespace lvmpolld::varlink
