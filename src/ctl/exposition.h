// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lvmpolld::ctl {

/// The text in which metrics are handed over, in one of two formats that differ in details. Pure.
///
/// | | OpenMetrics 1.0 | Prometheus 0.0.4 |
/// |---|---|---|
/// | a counter's family | without `_total`, which its samples end in | as its samples |
/// | `# UNIT` | a line of each family that has one | none |
/// | the end | `# EOF` | none |
class Exposition {
public:
    enum class Format : std::uint8_t { openmetrics, prometheus };
    enum class Type : std::uint8_t { gauge, counter, histogram };

    struct Family {
        std::string_view name; ///< of a counter without `_total`; ends in the unit
        Type type = Type::gauge;
        std::string_view unit{}; ///< empty: it has none
        std::string_view help{}; ///< one line without backslashes and quotes
    };

    /// Names and values. An empty value is as good as no label, and is left out.
    using Labels = std::vector<std::pair<std::string_view, std::string>>;

    explicit Exposition(Format format) : format_(format) {}

    /// The samples that follow are of this family. A family without samples is left out.
    void begin(const Family& family);

    void add(const Labels& labels, std::uint64_t value);
    void add(const Labels& labels, double value);

    /// How often something took at most so long.
    struct Bucket {
        double at_most = 0;      ///< in the family's unit; infinity for all
        std::uint64_t count = 0; ///< the buckets before included
    };

    /// `buckets`: in order; the last one counts all.
    void add_histogram(const std::vector<Bucket>& buckets, double sum);

    /// All of it. Nothing is added afterwards.
    std::string finish();

private:
    /// A second sample with the same name and labels makes the whole text unreadable. The first
    /// one stays.
    void add_line(std::string_view suffix, const Labels& labels, const std::string& value);
    void add_heading();

    const Format format_;
    Family family_{};
    bool has_heading_ = false;
    std::set<std::string> samples_; ///< names and labels of the family
    std::string text_;
};

/// As it stands between quotes: in UTF-8, what is none being replaced, and quotes, backslashes and
/// line feeds escaped.
std::string label_value(std::string_view text);

/// Prometheus' unit of time. The number nearest to 0.00001 s and the like, as a product with 1e-6
/// would not be.
inline double in_seconds(std::chrono::microseconds time) {
    return static_cast<double>(time.count()) / 1e6;
}

/// The shortest text that means this number; infinity is "+Inf".
std::string number_text(double number);

} // namespace lvmpolld::ctl
