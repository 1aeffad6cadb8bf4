// SPDX-License-Identifier: LGPL-2.1-or-later
// libdevmapper and Document accept the same texts and find the same keys and values in them.
#include "base/limits.h"
#include "config/document.h"
#include "require.h"

#include <libdevmapper.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using lvmpolld::config::Document;
using lvmpolld::config::Section;

namespace {

using Tree = std::unique_ptr<dm_config_tree, decltype(&dm_config_destroy)>;

void ignore_log(int, const char*, int, int, const char*, ...) {}

/// As lvm2's daemon parses a request.
Tree parse_with_libdevmapper(const std::string& text) {
    Tree tree(dm_config_create(), dm_config_destroy);
    const char* const begin = text.c_str();
    if (!dm_config_parse_without_dup_node_check(tree.get(), begin,
                                                begin + std::string_view(begin).size()))
        tree.reset();
    return tree;
}

std::size_t depth(const dm_config_node* siblings) {
    std::size_t deepest = 0;
    for (; siblings; siblings = siblings->sib)
        if (!siblings->v)
            deepest = std::max(deepest, 1 + depth(siblings->child));
    return deepest;
}

void compare_value(const dm_config_node* siblings, const Section& section,
                   const std::string& path) {
    const char* const string = dm_config_find_str(siblings, path.c_str(), nullptr);
    require(section.string(path) ==
            (string ? std::optional<std::string_view>(string) : std::nullopt));

    const auto* const node = dm_config_find_node(siblings, path.c_str());
    const bool is_integer = node && node->v && node->v->type == DM_CFG_INT;
    require(section.integer64(path) == (is_integer ? std::optional(node->v->v.i) : std::nullopt));
    require(section.integer(path).value_or(-7) == dm_config_find_int(siblings, path.c_str(), -7));

    std::vector<std::string_view> strings;
    for (const auto* value = node ? node->v : nullptr; value; value = value->next)
        if (value->type == DM_CFG_STRING)
            strings.emplace_back(value->v.str);
    require(section.strings(path) == strings);
}

/// Compares every lookup below `section` by a path from there.
void compare_paths(const dm_config_node* siblings, const Section& section,
                   const dm_config_node* below, const std::string& prefix) {
    for (; below; below = below->sib) {
        const auto path = prefix + below->key;
        compare_value(siblings, section, path);
        if (!below->v)
            compare_paths(siblings, section, below->child, path + '/');
    }
}

/// Compares the sections one by one, so that those hidden by another of the same name are seen too.
void compare_sections(const dm_config_node* siblings, const Section& section) {
    const auto sections = section.sections();
    auto ours = sections.begin();
    for (const auto* node = siblings; node; node = node->sib) {
        compare_value(siblings, section, node->key);
        if (node->v)
            continue;
        require(ours != sections.end() && ours->key() == node->key);
        compare_sections(node->child, *ours);
        ++ours;
    }
    require(ours == sections.end());
}

} // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    dm_log_with_errno_init(ignore_log);
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto theirs = parse_with_libdevmapper(text);
    const auto ours = Document::parse(text);
    if (!theirs) {
        require(!ours);
        return 0;
    }
    // The one intended difference.
    if (depth(theirs->root) > lvmpolld::limits::section_depth) {
        require(!ours);
        return 0;
    }
    require(ours.has_value());
    compare_paths(theirs->root, ours->root(), theirs->root, "");
    compare_sections(theirs->root, ours->root());
    return 0;
}
