// SPDX-License-Identifier: LGPL-2.1-or-later
#include "varlink/value.h"

#include "base/limits.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace lvmpolld::varlink {

namespace {

/// Takes what the parser finds, in its order. False stops the parser.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
public:
    Value take() { return std::move(root_); }

    bool null() override { return put(nullptr); }

    bool boolean(bool value) override { return put(value); }

    bool number_integer(number_integer_t value) override { return put(value); }

    bool number_unsigned(number_unsigned_t value) override {
        if (value > static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max()))
            return put(static_cast<double>(value));
        return put(static_cast<std::int64_t>(value));
    }

    bool number_float(number_float_t value, const string_t&) override { return put(value); }

    bool string(string_t& value) override { return put(std::move(value)); }

    bool binary(binary_t&) override { return false; }

    bool start_object(std::size_t) override { return open(Value::Object()); }

    bool key(string_t& name) override {
        key_ = std::move(name);
        return true;
    }

    bool end_object() override { return close(); }

    bool start_array(std::size_t) override { return open(Value::Array()); }

    bool end_array() override { return close(); }

    bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
        return false;
    }

private:
    template <class Alternative>
    bool put(Alternative value) {
        add(std::move(value));
        return true;
    }

    template <class Alternative>
    Value& add(Alternative value) {
        if (open_.empty())
            return root_ = Value{std::move(value)};
        auto& container = open_.back()->is;
        if (auto* array = std::get_if<Value::Array>(&container))
            return array->emplace_back(Value{std::move(value)});
        auto& object = std::get<Value::Object>(container);
        return object.emplace_back(Value::Member{std::move(key_), Value{std::move(value)}}).value;
    }

    template <class Container>
    bool open(Container container) {
        if (open_.size() >= limits::varlink_depth)
            return false;
        open_.push_back(&add(std::move(container)));
        return true;
    }

    bool close() {
        open_.pop_back();
        return true;
    }

    Value root_;
    std::vector<Value*> open_; ///< each is the last element of the one before, which stays
    std::string key_;
};

} // namespace

const Value* find(const Value::Object& object, std::string_view key) {
    const auto found = std::ranges::find(object, key, &Value::Member::key);
    return found == object.end() || found->value.as<std::nullptr_t>() != nullptr ? nullptr
                                                                                 : &found->value;
}

std::optional<Value> parse_value(std::string_view text) {
    Builder builder;
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder))
        return std::nullopt;
    return builder.take();
}

} // namespace lvmpolld::varlink
