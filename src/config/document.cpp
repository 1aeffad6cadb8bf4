// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/document.h"

#include "base/limits.h"
#include "config/tokenizer.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <string>
#include <utility>

namespace lvmpolld::config {

namespace {

bool is_hexadecimal_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// strtoll(3) with base 0: also octal and hexadecimal, 0 where there is no number; nothing if out of range.
std::optional<std::int64_t> read_integer(std::string_view text) {
    const bool negative = text.front() == '-';
    if (negative || text.front() == '+')
        text.remove_prefix(1);
    int base = 10;
    if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') &&
        is_hexadecimal_digit(text[2])) {
        base = 16;
        text.remove_prefix(2);
    } else if (text.starts_with('0')) {
        base = 8;
    }
    std::uint64_t magnitude = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), magnitude, base);
    constexpr auto maximum = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (result.ec == std::errc::result_out_of_range || magnitude > maximum + (negative ? 1 : 0))
        return std::nullopt;
    return static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
}

/// Whether strtod(3) reads the number at the beginning of `text`, with its exponent, without ERANGE.
bool real_in_range(std::string_view text) {
    const std::string number(text.substr(0, text.find_first_not_of("0123456789.+-eE")));
    errno = 0;
    static_cast<void>(std::strtod(number.c_str(), nullptr));
    return errno == 0;
}

/// Takes the first segment off a path, with the slashes before it.
std::string_view take_segment(std::string_view& path) {
    path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
    const auto segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    return segment;
}

} // namespace

/// Recursive descent without the recursion: the open sections are on a stack of bounded size.
class Document::Parser {
public:
    explicit Parser(std::string_view text) : text_size_(text.size()), tokens_(text) {
        // Enough for any request of lvm.
        document_.nodes_.reserve(16);
        document_.values_.reserve(16);
    }

    std::optional<Document> run() {
        while (tokens_.type() != Token::end || !open_.empty()) {
            const bool understood =
                tokens_.type() == Token::section_end && !open_.empty() ? close_section() : entry();
            if (!understood)
                return std::nullopt;
        }
        if (document_.nodes_.empty())
            return std::nullopt;
        return std::move(document_);
    }

private:
    /// The nodes of one path that opens a section: `a/b {` has two.
    struct Opened {
        std::uint32_t first;
        std::uint32_t count;
    };

    std::uint32_t node_count() const { return static_cast<std::uint32_t>(document_.nodes_.size()); }

    bool match(Token type) {
        if (tokens_.type() != type)
            return false;
        tokens_.advance();
        return true;
    }

    /// PATH '{' | PATH '=' VALUE
    bool entry() {
        auto path = this->path();
        if (!path || path->empty())
            return false;
        const auto first = node_count();
        do {
            // The last segment may be an entry, which is no section.
            if (depth_ + (node_count() - first) > limits::section_depth)
                return false;
            document_.nodes_.push_back({.key = take_segment(*path)});
        } while (!path->empty());
        if (match(Token::section_begin))
            return open_section({first, node_count() - first});
        if (!match(Token::equals) || !values())
            return false;
        set_end({first, node_count() - first});
        return true;
    }

    bool open_section(Opened section) {
        depth_ += section.count;
        open_.push_back(section);
        return depth_ <= limits::section_depth;
    }

    bool close_section() {
        set_end(open_.back());
        depth_ -= open_.back().count;
        open_.pop_back();
        return match(Token::section_end);
    }

    void set_end(Opened section) {
        for (auto node = section.first; node < section.first + section.count; ++node)
            document_.nodes_[node].end = node_count();
    }

    std::optional<std::string_view> path() {
        if (tokens_.type() == Token::single_quoted || tokens_.type() == Token::double_quoted)
            return quoted();
        const auto word = tokens_.token();
        if (!match(Token::identifier))
            return std::nullopt;
        return word;
    }

    /// VALUE | '[' { VALUE [','] } ']'
    bool values() {
        const auto first = document_.values_.size();
        if (match(Token::list_begin)) {
            while (!match(Token::list_end)) {
                if (!value())
                    return false;
                match(Token::comma);
            }
            if (document_.values_.size() == first)
                document_.values_.push_back(EmptyList{});
        } else if (!value()) {
            return false;
        }
        auto& node = document_.nodes_.back();
        node.values = static_cast<std::uint32_t>(first);
        node.value_count = static_cast<std::uint32_t>(document_.values_.size() - first);
        return true;
    }

    bool value() {
        switch (tokens_.type()) {
        case Token::integer:
            return integer();
        case Token::real:
            document_.values_.push_back(Real{});
            return real_in_range(tokens_.rest()) && match(Token::real);
        case Token::bare:
            document_.values_.push_back(tokens_.token());
            return match(Token::bare);
        case Token::single_quoted:
        case Token::double_quoted:
            if (const auto string = quoted()) {
                document_.values_.push_back(*string);
                return true;
            }
            return false;
        default:
            return false;
        }
    }

    bool integer() {
        auto number = read_integer(tokens_.rest());
        // libdm repairs what old 32-bit builds of LVM wrote into metadata.
        if (!number && document_.nodes_.back().key == "creation_time")
            number = 1527120000;
        if (!number)
            return false;
        document_.values_.push_back(*number);
        return match(Token::integer);
    }

    /// The string without its quotes. Of an unterminated one libdm drops the last character in place of the
    /// quote.
    std::optional<std::string_view> quoted() {
        auto string = tokens_.token();
        if (string.size() < 2)
            return std::nullopt;
        string = string.substr(1, string.size() - 2);
        if (tokens_.type() == Token::double_quoted && string.find('\\') != string.npos)
            string = unescape(string);
        tokens_.advance();
        return string;
    }

    /// `\"` and `\\` lose the backslash, any other backslash stands for itself.
    std::string_view unescape(std::string_view string) {
        // All strings together are shorter than the text, so that the views into the buffer stay valid.
        if (!document_.unescaped_)
            document_.unescaped_ = std::make_unique_for_overwrite<char[]>(text_size_);
        char* const begin = document_.unescaped_.get() + unescaped_size_;
        char* out = begin;
        for (std::size_t i = 0; i < string.size(); ++i) {
            if (string[i] == '\\' && i + 1 < string.size() && (string[i + 1] == '"' || string[i + 1] == '\\'))
                ++i;
            *out++ = string[i];
        }
        const auto size = static_cast<std::size_t>(out - begin);
        unescaped_size_ += size;
        return {begin, size};
    }

    std::size_t text_size_;
    Tokenizer tokens_;
    Document document_;
    std::vector<Opened> open_;
    std::size_t depth_ = 0; ///< of the open sections, each segment of a path counted
    std::size_t unescaped_size_ = 0;
};

std::optional<Document> Document::parse(std::string_view text) {
    text = text.substr(0, text.find('\0'));
    if (text.size() > std::numeric_limits<std::uint32_t>::max())
        return std::nullopt;
    return Parser(text).run();
}

const Document::Node* Document::find(std::string_view path, std::uint32_t begin, std::uint32_t end) const {
    for (;;) {
        const auto segment = take_segment(path);
        auto node = begin;
        while (node != end && nodes_[node].key != segment)
            node = nodes_[node].end;
        if (node == end)
            return nullptr;
        if (path.empty())
            return &nodes_[node];
        begin = node + 1;
        end = nodes_[node].end;
    }
}

std::optional<std::string_view> Section::string(std::string_view path) const {
    const auto* node = document_->find(path, begin_, end_);
    if (!node || !node->value_count)
        return std::nullopt;
    const auto* string = std::get_if<std::string_view>(&document_->values_[node->values]);
    if (!string || string->empty())
        return std::nullopt;
    return *string;
}

std::optional<std::int32_t> Section::integer(std::string_view path) const {
    const auto value = integer64(path);
    if (!value)
        return std::nullopt;
    return static_cast<std::int32_t>(*value);
}

std::optional<std::int64_t> Section::integer64(std::string_view path) const {
    const auto* node = document_->find(path, begin_, end_);
    if (!node || !node->value_count)
        return std::nullopt;
    const auto* value = std::get_if<std::int64_t>(&document_->values_[node->values]);
    if (!value)
        return std::nullopt;
    return *value;
}

std::vector<std::string_view> Section::strings(std::string_view path) const {
    std::vector<std::string_view> strings;
    if (const auto* node = document_->find(path, begin_, end_))
        for (std::uint32_t i = 0; i < node->value_count; ++i)
            if (const auto* string = std::get_if<std::string_view>(&document_->values_[node->values + i]))
                strings.push_back(*string);
    return strings;
}

std::vector<Section> Section::sections() const {
    std::vector<Section> sections;
    for (auto i = begin_; i != end_; i = document_->nodes_[i].end) {
        const auto& node = document_->nodes_[i];
        if (!node.value_count)
            sections.push_back(Section(*document_, node.key, i + 1, node.end));
    }
    return sections;
}

} // namespace lvmpolld::config
