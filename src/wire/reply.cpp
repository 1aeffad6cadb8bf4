// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wire/reply.h"

#include "config/writer.h"
#include "wire/framing.h"

#include <utility>

namespace lvmpolld::wire::reply {

using config::Writer;

std::string finished(ExitStatus status) {
    Writer writer;
    writer.entry("response", "finished");
    if (const auto* killed = std::get_if<Killed>(&status))
        writer.entry("reason", "signal").entry("value", killed->signal);
    else
        writer.entry("reason", "retcode").entry("value", std::get<Exited>(status).code);
    return terminate(std::move(writer).text());
}

std::string failed(std::string_view reason) {
    Writer writer;
    writer.entry("response", "failed").entry("reason", reason);
    return terminate(std::move(writer).text());
}

std::string invalid(std::string_view reason) {
    Writer writer;
    writer.entry("response", "invalid").entry("reason", reason);
    return terminate(std::move(writer).text());
}

std::string terminate(std::string text) {
    text += terminator;
    return text;
}

} // namespace lvmpolld::wire::reply
