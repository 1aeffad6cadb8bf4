// SPDX-License-Identifier: LGPL-2.1-or-later
#include "varlink/call.h"

#include "varlink/json.h"
#include "varlink/value.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace lvmpolld::varlink {

namespace {

using call::Rejected;
using What = decltype(Call::what);

constexpr std::string_view service = "org.varlink.service";
constexpr std::string_view operations = "io.lvmpolld.Operations";
constexpr std::string_view statistics = "io.lvmpolld.Statistics";

/// This parameter can't be used.
struct BadParameter {
    std::string name;
};

Rejected invalid(std::string parameter) {
    return {"InvalidParameter", "parameter", std::move(parameter)};
}

/// The parameters of a call, or an object among them. Each has to be taken, so that an unknown one
/// is noticed; null counts as absent. Throws BadParameter.
class Parameters {
public:
    explicit Parameters(const Value::Object& object) : object_(object) {}

    std::optional<std::string> string(const char* key) {
        const auto* value = take<std::string>(key);
        return value == nullptr ? std::nullopt : std::optional(*value);
    }

    std::optional<std::int64_t> whole_number(const char* key) {
        const auto* value = take<std::int64_t>(key);
        if (value != nullptr && *value < 0)
            throw BadParameter{key};
        return value == nullptr ? std::nullopt : std::optional(*value);
    }

    template <class Enumeration>
    std::optional<Enumeration> word(const char* key) {
        const auto* value = take<std::string>(key);
        if (value == nullptr)
            return std::nullopt;
        return word_of<Enumeration>(key, value);
    }

    template <class Enumeration>
    std::optional<std::vector<Enumeration>> words(const char* key) {
        const auto* values = take<Value::Array>(key);
        if (values == nullptr)
            return std::nullopt;
        std::vector<Enumeration> words;
        for (const auto& each : *values)
            words.push_back(word_of<Enumeration>(key, each.as<std::string>()));
        return words;
    }

    const Value::Object* object(const char* key) { return take<Value::Object>(key); }

    /// Nothing else may be there.
    void end() const {
        for (const auto& member : object_)
            if (std::find(names_.begin(), names_.end(), member.key) == names_.end())
                throw BadParameter{member.key};
    }

private:
    template <class Alternative>
    const Alternative* take(const char* key) {
        names_[taken_++] = key;
        const auto* value = find(object_, key);
        const auto* wanted = value == nullptr ? nullptr : value->as<Alternative>();
        if (value != nullptr && wanted == nullptr)
            throw BadParameter{key};
        return wanted;
    }

    template <class Enumeration>
    static Enumeration word_of(const char* key, const std::string* text) {
        const auto word = text != nullptr ? overview::named<Enumeration>(*text) : std::nullopt;
        if (!word)
            throw BadParameter{key};
        return *word;
    }

    const Value::Object& object_;
    std::array<std::string_view, 8> names_; ///< that were asked for
    std::size_t taken_ = 0;
};

overview::Filter filter_of(Parameters& parameters) {
    overview::Filter filter;
    const auto* object = parameters.object("filter");
    if (object == nullptr)
        return filter;
    Parameters fields(*object);
    filter.vg = fields.string("volumeGroup");
    filter.lv = fields.string("logicalVolume");
    filter.physical_volume = fields.string("physicalVolume");
    filter.store = fields.word<overview::StoreKind>("store");
    filter.kinds = fields.words<overview::Kind>("types");
    filter.states = fields.words<overview::State>("states");
    filter.polled_by = fields.word<overview::PolledBy>("polledBy");
    fields.end();
    return filter;
}

What get_info(Parameters&) {
    return call::GetInfo{};
}

What get_description(Parameters& parameters) {
    auto interface = parameters.string("interface");
    if (!interface)
        throw BadParameter{"interface"};
    return call::GetInterfaceDescription{*std::move(interface)};
}

What list(Parameters& parameters) {
    return call::List{filter_of(parameters)};
}

What subscribe(Parameters& parameters) {
    return call::Subscribe{filter_of(parameters)};
}

What wait(Parameters& parameters) {
    call::Wait wait{filter_of(parameters), std::nullopt};
    if (const auto timeout = parameters.whole_number("timeout"))
        wait.timeout = std::chrono::microseconds(*timeout);
    return wait;
}

What get_statistics(Parameters&) {
    return call::GetStatistics{};
}

struct Method {
    std::string_view interface;
    std::string_view name;
    What (*make)(Parameters& parameters);
};

constexpr std::array<Method, 6> methods{{
    {service, "GetInfo", get_info},
    {service, "GetInterfaceDescription", get_description},
    {operations, "List", list},
    {operations, "Subscribe", subscribe},
    {operations, "Wait", wait},
    {statistics, "Get", get_statistics},
}};

What what_of(const std::string& method, const Value::Object& parameters) {
    const auto dot = method.rfind('.');
    const auto interface = method.substr(0, dot == method.npos ? 0 : dot);
    bool known = false;
    for (const auto& each : methods) {
        if (each.interface != interface)
            continue;
        known = true;
        if (method.compare(dot + 1, method.npos, each.name) != 0)
            continue;
        try {
            Parameters given(parameters);
            auto what = each.make(given);
            given.end();
            return what;
        } catch (BadParameter& bad) {
            return invalid(std::move(bad.name));
        }
    }
    if (known)
        return Rejected{"MethodNotFound", "method", method};
    return Rejected{"InterfaceNotFound", "interface", interface};
}

/// Nothing if it is no truth value.
std::optional<bool> flag(const Value::Object& message, const char* key) {
    const auto* value = find(message, key);
    if (value == nullptr)
        return false;
    const auto* given = value->as<bool>();
    return given == nullptr ? std::nullopt : std::optional(*given);
}

} // namespace

std::optional<Call> parse_call(std::string_view message) {
    static const Value::Object no_parameters;
    const auto value = parse_value(message);
    const auto* const call = value ? value->as<Value::Object>() : nullptr;
    if (call == nullptr)
        return std::nullopt;
    const auto* const given = find(*call, "method");
    const auto* const method = given != nullptr ? given->as<std::string>() : nullptr;
    const auto more = flag(*call, "more");
    const auto oneway = flag(*call, "oneway");
    const auto upgrade = flag(*call, "upgrade");
    if (method == nullptr || !more || !oneway || !upgrade)
        return std::nullopt;
    const auto* const parameters = find(*call, "parameters");
    const auto* const object =
        parameters != nullptr ? parameters->as<Value::Object>() : &no_parameters;
    if (object == nullptr)
        return std::nullopt;
    if (*upgrade)
        return Call{Rejected{"MethodNotImplemented", "method", *method}, *more, *oneway};
    return Call{what_of(*method, *object), *more, *oneway};
}

std::string call_text(std::string_view method, std::string_view parameters, bool more) {
    std::string text = R"({"method":")";
    text.append(method).append(R"(","parameters":)").append(parameters);
    text.append(more ? R"(,"more":true})" : "}").append(terminator);
    return text;
}

std::string filter_text(const overview::Filter& filter) {
    auto json = Json::object();
    const auto add = [&](const char* key, const auto& value) {
        if (value)
            json[key] = *value;
    };
    const auto add_words = [&](const char* key, const auto& values) {
        if (!values)
            return;
        auto& words = json[key] = Json::array();
        for (const auto value : *values)
            words.push_back(name(value));
    };
    add("volumeGroup", filter.vg);
    add("logicalVolume", filter.lv);
    add("physicalVolume", filter.physical_volume);
    if (filter.store)
        json["store"] = name(*filter.store);
    add_words("types", filter.kinds);
    add_words("states", filter.states);
    if (filter.polled_by)
        json["polledBy"] = name(*filter.polled_by);
    return text_of(json);
}

} // namespace lvmpolld::varlink
