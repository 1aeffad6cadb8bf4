// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace lvmpolld::config {

class Document;

/// The entries and sections of a document or of one section in it. A view: it lives as long as the
/// document.
///
/// A path names an entry of this section, `key`, or of one below it, `section/key`. Of repeated
/// keys and sections only the first is found, on each level of the path. A lookup that finds
/// another type finds nothing.
class Section {
public:
    /// Empty for the document itself.
    std::string_view key() const { return key_; }

    /// The value, or the first one of a list. An empty string counts as absent.
    std::optional<std::string_view> string(std::string_view path) const;

    /// Likewise, the low 32 bits of it.
    std::optional<std::int32_t> integer(std::string_view path) const;

    /// Likewise, all of it.
    std::optional<std::int64_t> integer64(std::string_view path) const;

    /// The strings of a list, or the one that isn't in a list.
    std::vector<std::string_view> strings(std::string_view path) const;

    /// The keys of the entries and sections directly below this one, in the order of the text.
    /// They stand in it, unless they were quoted with a backslash.
    std::vector<std::string_view> keys() const;

    /// The sections directly below this one, in the order of the text.
    std::vector<Section> sections() const;

private:
    friend class Document;

    Section(const Document& document, std::string_view key, std::uint32_t begin, std::uint32_t end)
        : document_(&document), key_(key), begin_(begin), end_(end) {}

    const Document* document_;
    std::string_view key_;
    std::uint32_t begin_;
    std::uint32_t end_;
};

/// A text in libdm's config grammar (lvm.conf(5)), read as libdevmapper's
/// dm_config_parse_without_dup_node_check does, with all its oddities; only nesting beyond
/// limits::section_depth is refused in addition.
class Document {
public:
    /// Nothing if the text doesn't parse; so does a text without any entry. `text` must outlive the
    /// document, which refers to it. What follows a NUL is ignored. `stopped_at` is set to where
    /// the text stops making sense.
    static std::optional<Document> parse(std::string_view text, std::size_t* stopped_at = nullptr);

    /// There is nothing in the text but blanks and comments.
    static bool is_blank(std::string_view text);

    Section root() const { return {*this, {}, 0, static_cast<std::uint32_t>(nodes_.size())}; }

private:
    friend class Section;
    class Parser;

    struct Real {};

    struct EmptyList {};

    using Value = std::variant<std::int64_t, std::string_view, Real, EmptyList>;

    /// What is below a node follows it, up to `end`. A node without values is a section.
    struct Node {
        std::string_view key;
        std::uint32_t end = 0;
        std::uint32_t values = 0;
        std::uint32_t value_count = 0;
    };

    Document() = default;

    /// The node in [begin, end) that `path` leads to, or null.
    const Node* find(std::string_view path, std::uint32_t begin, std::uint32_t end) const;

    std::vector<Node> nodes_;
    std::vector<Value> values_;
    std::unique_ptr<char[]> unescaped_; ///< strings that don't stand in the text as they are
};

} // namespace lvmpolld::config
