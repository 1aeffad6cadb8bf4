// SPDX-License-Identifier: LGPL-2.1-or-later
// A whole session: from bytes in a socket to an lvpoll's command line, records and replies. See
// session_play.h. An input that begins with `!` has connections that a service manager keeps.
#include "session_play.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    const bool kept = text.starts_with('!');
    text.remove_prefix(kept ? 1 : 0);
    lvmpolld::SessionPlay play(kept);
    play.play(text);
    play.end();
    return 0;
}
