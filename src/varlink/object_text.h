// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "varlink/json.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace lvmpolld::varlink {

template <class T>
struct IsDuration : std::false_type {};

template <class Rep, class Period>
struct IsDuration<std::chrono::duration<Rep, Period>> : std::true_type {};

/// Makes the JSON text of an object, member by member, at the end of another text: a list of a
/// thousand operations may not take long.
class ObjectText {
public:
    /// end() closes the object.
    explicit ObjectText(std::string& text) : text_(text) { text_ += '{'; }

    ObjectText(const ObjectText&) = delete;
    ObjectText& operator=(const ObjectText&) = delete;

    void end() { text_ += '}'; }

    template <class T>
    void operator()(const char* key, const T& value) {
        begin(key);
        put(value);
    }

    template <class T>
    void operator()(const char* key, const std::optional<T>& value) {
        if (value)
            (*this)(key, *value);
    }

    /// A member that `make` adds the text of.
    void with(const char* key, const std::invocable auto& make) {
        begin(key);
        make();
    }

private:
    void begin(const char* key) {
        text_.append(text_.ends_with('{') ? "\"" : ",\"").append(key).append("\":");
    }

    template <class T>
    void put(const T& value) {
        if constexpr (std::is_same_v<T, bool>)
            text_ += value ? "true" : "false";
        else if constexpr (IsDuration<T>::value)
            put(std::chrono::duration_cast<std::chrono::microseconds>(value).count());
        else if constexpr (std::is_arithmetic_v<T>)
            text_ += std::to_string(value);
        else if constexpr (std::is_convertible_v<T, std::string_view>)
            put_string(value);
        else
            put_strings(value);
    }

    void put_string(std::string_view value) {
        static constexpr auto plain = [] {
            std::array<bool, 256> characters{};
            for (char c = ' '; c <= '~'; ++c)
                characters[static_cast<unsigned char>(c)] = c != '"' && c != '\\';
            return characters;
        }();
        const auto is_plain = [](char c) { return plain[static_cast<unsigned char>(c)]; };
        if (std::ranges::all_of(value, is_plain))
            text_.append("\"").append(value).append("\"");
        else
            text_ += text_of(Json(value));
    }

    template <class Strings>
    void put_strings(const Strings& values) {
        text_ += '[';
        for (const auto& value : values) {
            if (!text_.ends_with('['))
                text_ += ',';
            put_string(value);
        }
        text_ += ']';
    }

    std::string& text_;
};

} // namespace lvmpolld::varlink
