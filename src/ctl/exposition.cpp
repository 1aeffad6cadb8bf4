// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/exposition.h"

#include "ctl/units.h"

#include <array>
#include <charconv>
#include <cmath>

namespace lvmpolld::ctl {

namespace {

constexpr std::string_view infinity = "+Inf";

std::string_view type_name(Exposition::Type type) {
    static constexpr std::array<std::string_view, 3> names{"gauge", "counter", "histogram"};
    return names[static_cast<std::size_t>(type)];
}

/// `le` is a label and is compared as a text, so OpenMetrics says how it is written: "0.0001",
/// "1e-05", "1.0".
std::string bound_text(double bound) {
    if (std::isinf(bound))
        return std::string(infinity);
    std::array<char, 32> buffer;
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), bound,
                                            std::chars_format::general);
    std::string text(buffer.data(), end);
    return text.find_first_of(".e") == text.npos ? text + ".0" : text;
}

} // namespace

std::string label_value(std::string_view text) {
    std::string value;
    for (const char c : well_formed(text)) {
        if (c == '\\' || c == '"' || c == '\n')
            value += '\\';
        value += c == '\n' ? 'n' : c;
    }
    return value;
}

std::string number_text(double number) {
    if (std::isinf(number))
        return std::string(infinity);
    std::array<char, 32> buffer;
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
    return {buffer.data(), end};
}

void Exposition::begin(const Family& family) {
    family_ = family;
    has_heading_ = false;
    samples_.clear();
}

void Exposition::add(const Labels& labels, std::uint64_t value) {
    add_line(family_.type == Type::counter ? "_total" : "", labels, std::to_string(value));
}

void Exposition::add(const Labels& labels, double value) {
    add_line(family_.type == Type::counter ? "_total" : "", labels, number_text(value));
}

void Exposition::add_histogram(const std::vector<Bucket>& buckets, double sum) {
    if (buckets.empty())
        return;
    for (const auto& bucket : buckets)
        add_line("_bucket", {{"le", bound_text(bucket.at_most)}}, std::to_string(bucket.count));
    add_line("_sum", {}, number_text(sum));
    add_line("_count", {}, std::to_string(buckets.back().count));
}

std::string Exposition::finish() {
    if (format_ == Format::openmetrics)
        text_ += "# EOF\n";
    return std::move(text_);
}

void Exposition::add_line(std::string_view suffix, const Labels& labels, const std::string& value) {
    auto sample = std::string(family_.name).append(suffix);
    const auto name_bytes = sample.size();
    for (const auto& [name, label] : labels) {
        if (label.empty())
            continue;
        sample += sample.size() == name_bytes ? '{' : ',';
        sample.append(name).append("=\"").append(label_value(label)).append("\"");
    }
    if (sample.size() != name_bytes)
        sample += '}';
    const auto [position, is_new] = samples_.insert(std::move(sample));
    if (!is_new)
        return;
    add_heading();
    text_.append(*position).append(" ").append(value).append("\n");
}

void Exposition::add_heading() {
    if (std::exchange(has_heading_, true))
        return;
    auto name = std::string(family_.name);
    if (format_ == Format::prometheus && family_.type == Type::counter)
        name += "_total";
    text_.append("# TYPE ").append(name).append(" ").append(type_name(family_.type)).append("\n");
    if (format_ == Format::openmetrics && !family_.unit.empty())
        text_.append("# UNIT ").append(name).append(" ").append(family_.unit).append("\n");
    text_.append("# HELP ").append(name).append(" ").append(family_.help).append("\n");
}

} // namespace lvmpolld::ctl
