// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/document.h"

#include "config/path.h"

namespace lvmpolld::config {

const Document::Node* Document::find(std::string_view path, std::uint32_t begin,
                                     std::uint32_t end) const {
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
            if (const auto* string =
                    std::get_if<std::string_view>(&document_->values_[node->values + i]))
                strings.push_back(*string);
    return strings;
}

std::vector<std::string_view> Section::keys() const {
    std::vector<std::string_view> keys;
    for (auto i = begin_; i != end_; i = document_->nodes_[i].end)
        keys.push_back(document_->nodes_[i].key);
    return keys;
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
