// SPDX-License-Identifier: LGPL-2.1-or-later
// The parser survives any text, and so does every lookup in what it made of it.
#include "config/document.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

using lvmpolld::config::Document;
using lvmpolld::config::Section;

namespace {

void visit(Section section) {
    for (const std::string_view path : {"a", "a/b", "request", "/", "", "lvid"}) {
        static_cast<void>(section.string(path));
        static_cast<void>(section.integer(path));
        static_cast<void>(section.strings(path));
    }
    for (const auto& below : section.sections())
        visit(below);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (const auto document = Document::parse({reinterpret_cast<const char*>(data), size}))
        visit(document->root());
    return 0;
}
