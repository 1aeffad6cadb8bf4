// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/tokenizer.h"

#include <algorithm>

namespace lvmpolld::config {

namespace {

// <cctype> would depend on the locale and cost a call for each byte.
bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool ends_word(char c) {
    return is_space(c) || c == '#' || c == '=' || c == '{' || c == '}';
}

} // namespace

void Tokenizer::advance() {
    const bool value =
        type_ == Token::equals || type_ == Token::list_begin || type_ == Token::comma;
    rest_.remove_prefix(length_);
    skip_blank();
    if (rest_.empty()) {
        length_ = 0;
        type_ = Token::end;
        return;
    }
    length_ = 1;
    switch (const char first = rest_.front()) {
    case '{':
        type_ = Token::section_begin;
        break;
    case '}':
        type_ = Token::section_end;
        break;
    case '[':
        type_ = Token::list_begin;
        break;
    case ']':
        type_ = Token::list_end;
        break;
    case ',':
        type_ = Token::comma;
        break;
    case '=':
        type_ = Token::equals;
        break;
    case '"':
    case '\'':
        quoted();
        break;
    default:
        if (!value)
            word(Token::identifier);
        else if (is_digit(first) || first == '.' || first == '+' || first == '-')
            number();
        else
            word(Token::bare);
    }
}

void Tokenizer::skip_blank() {
    std::size_t skipped = 0;
    for (; skipped < rest_.size(); ++skipped) {
        if (rest_[skipped] == '#') {
            skipped = rest_.find('\n', skipped);
            if (skipped == rest_.npos) {
                skipped = rest_.size();
                break;
            }
        } else if (!is_space(rest_[skipped])) {
            break;
        }
    }
    rest_.remove_prefix(skipped);
}

void Tokenizer::number() {
    type_ = rest_.front() == '.' ? Token::real : Token::integer;
    for (; length_ < rest_.size(); ++length_) {
        const char c = rest_[length_];
        if (c == '.' && type_ == Token::integer)
            type_ = Token::real;
        else if (!is_digit(c))
            break;
    }
}

void Tokenizer::word(Token type) {
    type_ = type;
    const auto* const end = std::find_if(rest_.begin() + 1, rest_.end(), ends_word);
    length_ = static_cast<std::size_t>(end - rest_.begin());
}

void Tokenizer::quoted() {
    const char quote = rest_.front();
    type_ = quote == '"' ? Token::double_quoted : Token::single_quoted;
    std::size_t end = 1;
    for (; end < rest_.size() && rest_[end] != quote; ++end)
        if (rest_[end] == '\\' && quote == '"')
            ++end;
    length_ = std::min(end + 1, rest_.size());
}

} // namespace lvmpolld::config
