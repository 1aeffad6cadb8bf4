// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/limits.h"
#include "config/document.h"
#include "config/number.h"
#include "config/path.h"
#include "config/tokenizer.h"

#include <limits>
#include <utility>

namespace lvmpolld::config {

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

    /// Where the current token begins.
    std::size_t position() const { return text_size_ - tokens_.rest().size(); }

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

    /// The string without its quotes. Of an unterminated one libdm drops the last character in
    /// place of the quote.
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
        // All strings together are shorter than the text, so that the views into the buffer stay
        // valid.
        if (!document_.unescaped_)
            document_.unescaped_ = std::make_unique_for_overwrite<char[]>(text_size_);
        char* const begin = document_.unescaped_.get() + unescaped_size_;
        char* out = begin;
        for (std::size_t i = 0; i < string.size(); ++i) {
            if (string[i] == '\\' && i + 1 < string.size() &&
                (string[i + 1] == '"' || string[i + 1] == '\\'))
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

std::optional<Document> Document::parse(std::string_view text, std::size_t* stopped_at) {
    text = text.substr(0, text.find('\0'));
    if (text.size() > std::numeric_limits<std::uint32_t>::max())
        return std::nullopt;
    Parser parser(text);
    auto document = parser.run();
    if (stopped_at != nullptr)
        *stopped_at = parser.position();
    return document;
}

bool Document::is_blank(std::string_view text) {
    return Tokenizer(text.substr(0, text.find('\0'))).type() == Token::end;
}

} // namespace lvmpolld::config
