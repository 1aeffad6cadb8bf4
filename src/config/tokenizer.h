// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string_view>

namespace lvmpolld::config {

enum class Token {
    integer,
    real,
    single_quoted,
    double_quoted,
    bare,       ///< a word where a value may stand
    identifier, ///< a word elsewhere
    equals,
    section_begin,
    section_end,
    list_begin,
    list_end,
    comma,
    end
};

/// The tokens of libdm's config grammar. What a word or a number is depends on the token before it:
/// behind
/// `=`, `[` and `,` it is a value, anywhere else a key.
class Tokenizer {
public:
    /// Stands on the first token. `text` contains no NUL and outlives the tokenizer.
    explicit Tokenizer(std::string_view text) : rest_(text) { advance(); }

    Token type() const { return type_; }

    /// The current token with its quotes. An unterminated string ends with the text.
    std::string_view token() const { return rest_.substr(0, length_); }

    /// The text from the beginning of the current token: libdm reads a number beyond the end of its
    /// token.
    std::string_view rest() const { return rest_; }

    void advance();

private:
    void skip_blank();
    void number();
    void word(Token type);
    void quoted();

    std::string_view rest_;
    std::size_t length_ = 0;
    Token type_ = Token::section_end;
};

} // namespace lvmpolld::config
