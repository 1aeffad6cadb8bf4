// SPDX-License-Identifier: LGPL-2.1-or-later
#include "state/record_text.h"

#include "config/document.h"
#include "config/writer.h"
#include "operation/lvm_names.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace lvmpolld {

namespace {

constexpr std::int64_t record_format = 1;
/// What tells the one kind of file from the other, with the format as its value.
constexpr std::string_view record_key = "lvmpolld_record";
constexpr std::string_view suspects_key = "lvmpolld_suspects";

void add_request(config::Writer& writer, const PollRequest& request) {
    writer.section("request")
        .entry("type", name(request.type))
        .entry("abort", request.abort ? 1 : 0)
        .entry("lvid", request.identity.lvid())
        .entry("vgname", request.vgname)
        .entry("lvname", request.lvname)
        .entry("interval", request.interval.text)
        .entry("handle_missing_pvs", request.handle_missing_pvs ? 1 : 0);
    if (const auto sysdir = request.identity.sysdir())
        writer.entry("sysdir", *sysdir);
    if (request.devicesfile)
        writer.entry("devicesfile", *request.devicesfile);
    writer.end();
}

void add_claims(config::Writer& writer, const Record& record) {
    std::vector<std::string> held;
    held.reserve(record.held_claims.size());
    for (const auto& claims : record.held_claims)
        held.push_back(std::to_string(claims.session) + ":" + std::to_string(claims.count));
    writer.section("claims")
        .entry("of_anybody", record.free_claims)
        .entry("of_sessions", held)
        .end();
}

void add_result(config::Writer& writer, const Record& record) {
    using std::chrono::duration_cast;
    using std::chrono::milliseconds;
    writer.section("result").entry(
        "milliseconds_after_boot",
        duration_cast<milliseconds>(record.finished_at.time_since_epoch()).count());
    if (const auto* exited = std::get_if<Exited>(&*record.result))
        writer.entry("retcode", exited->code);
    else if (const auto* killed = std::get_if<Killed>(&*record.result))
        writer.entry("signal", killed->signal);
    else
        writer.entry("polling_failed", 1);
    writer.end();
}

/// Why the text is none of the files that begin with `key`, which are `kind`; nothing if it is one.
std::optional<Unreadable> fault_of(const std::optional<config::Document>& document,
                                   std::string_view key, std::string_view kind) {
    const std::string none = "not " + std::string(kind);
    if (!document)
        return Unreadable{none};
    const auto version = document->root().integer64(key);
    if (!version)
        return Unreadable{none};
    if (*version != record_format)
        return Unreadable{"format " + std::to_string(*version) +
                          ", which this version doesn't know"};
    return std::nullopt;
}

std::optional<std::string> text_of(const config::Section& section, std::string_view key) {
    const auto value = section.string(key);
    return value ? std::optional<std::string>(*value) : std::nullopt;
}

/// What the daemon may hand on to lvm: whoever has written the file, it obeys the rules of a
/// client's request.
bool is_acceptable(const PollRequest& request) {
    return fault_of_name(request.vgname).empty() && fault_of_name(request.lvname).empty() &&
           fault_of_text(request.identity.lvid()).empty() &&
           fault_of_text(request.identity.sysdir().value_or("")).empty() &&
           fault_of_text(request.interval.text).empty() &&
           fault_of_text(request.devicesfile.value_or("")).empty();
}

/// Since the boot; 0 if there is no such key. Nothing if no machine runs for so long: sums of it
/// would be beyond the clock.
std::optional<std::chrono::milliseconds> time_of(const config::Section& root,
                                                 std::string_view key) {
    constexpr std::chrono::milliseconds longest = std::chrono::years(100);
    const std::chrono::milliseconds time(root.integer64(key).value_or(0));
    return time.count() >= 0 && time <= longest ? std::optional(time) : std::nullopt;
}

std::optional<PollRequest> request_of(const config::Section& root) {
    const auto type = root.string("request/type");
    const auto known = type ? operation_type(*type) : std::nullopt;
    const auto lvid = root.string("request/lvid");
    const auto vgname = root.string("request/vgname");
    const auto lvname = root.string("request/lvname");
    const auto interval = Interval::parse(root.string("request/interval").value_or(""));
    if (!known || !lvid || !vgname || !lvname || !interval)
        return std::nullopt;
    PollRequest request;
    request.type = *known;
    request.abort = root.integer("request/abort").value_or(0) != 0;
    request.identity = Identity(*lvid, root.string("request/sysdir").value_or(""));
    request.vgname = *vgname;
    request.lvname = *lvname;
    request.interval = *interval;
    request.handle_missing_pvs = root.integer("request/handle_missing_pvs").value_or(0) != 0;
    request.devicesfile = text_of(root, "request/devicesfile");
    return request;
}

/// "SESSION:COUNT"
std::optional<HeldClaims> held_claims_of(std::string_view text) {
    HeldClaims claims{};
    const char* const end = text.data() + text.size();
    const auto session = std::from_chars(text.data(), end, claims.session);
    if (session.ec != std::errc() || session.ptr == end || *session.ptr != ':')
        return std::nullopt;
    const auto count = std::from_chars(session.ptr + 1, end, claims.count);
    if (count.ec != std::errc() || count.ptr != end || claims.count == 0)
        return std::nullopt;
    return claims;
}

/// Those of all sessions, each of which is named once. With `free` ones, they can be counted.
std::optional<std::vector<HeldClaims>> held_claims_of(const config::Section& root, int free) {
    std::vector<HeldClaims> all;
    auto left = static_cast<unsigned>(std::numeric_limits<int>::max() - free);
    for (const auto text : root.strings("claims/of_sessions")) {
        const auto claims = held_claims_of(text);
        if (!claims || claims->count > left ||
            std::ranges::find(all, claims->session, &HeldClaims::session) != all.end())
            return std::nullopt;
        left -= claims->count;
        all.push_back(*claims);
    }
    return all;
}

/// "UUID@SECTOR"
std::optional<CopyIdentity> suspect_of(std::string_view text) {
    const auto at = text.rfind('@');
    if (at == text.npos)
        return std::nullopt;
    CopyIdentity copy{std::string(text.substr(0, at)), 0};
    const char* const end = text.data() + text.size();
    const auto start = std::from_chars(text.data() + at + 1, end, copy.segment_start);
    if (start.ec != std::errc() || start.ptr != end)
        return std::nullopt;
    return copy;
}

std::optional<Result> result_of(const config::Section& root) {
    if (const auto code = root.integer("result/retcode"))
        return Exited{*code};
    if (const auto signal = root.integer("result/signal"))
        return Killed{*signal};
    if (root.integer("result/polling_failed"))
        return PollingFailed{};
    return std::nullopt;
}

} // namespace

std::string record_text(const Record& record, std::string_view boot) {
    config::Writer writer;
    writer.entry(record_key, record_format).entry("boot_id", boot);
    add_request(writer, record.request);
    writer.entry("accepted_milliseconds_after_boot",
                 std::chrono::duration_cast<std::chrono::milliseconds>(record.accepted_at).count());
    add_claims(writer, record);
    if (record.result)
        add_result(writer, record);
    writer.entry("complete", 1);
    return std::move(writer).text();
}

std::variant<Record, Unreadable> parse_record(std::string_view text, std::string_view boot,
                                              RecordNumber number) {
    const auto document = config::Document::parse(text);
    if (auto fault = fault_of(document, record_key, "a record"))
        return *std::move(fault);
    const auto root = document->root();
    if (root.string("boot_id") != boot)
        return Unreadable{"of another boot"};
    auto request = request_of(root);
    const auto free_claims = root.integer("claims/of_anybody");
    if (!request || !free_claims || *free_claims < 0 || root.integer("complete") != 1)
        return Unreadable{"incomplete"};
    if (!is_acceptable(*request))
        return Unreadable{"with a request that no client could have made"};
    auto held_claims = held_claims_of(root, *free_claims);
    if (!held_claims)
        return Unreadable{"with claims that can't be read"};
    const auto accepted_at = time_of(root, "accepted_milliseconds_after_boot");
    const auto finished_at = time_of(root, "result/milliseconds_after_boot");
    if (!accepted_at || !finished_at)
        return Unreadable{"of a time that can't be"};
    const auto result = result_of(root);
    return Record{.number = number,
                  .request = *std::move(request),
                  .held_claims = *std::move(held_claims),
                  .free_claims = static_cast<unsigned>(*free_claims),
                  .result = result,
                  .finished_at = std::chrono::steady_clock::time_point(
                      result ? *finished_at : std::chrono::milliseconds()),
                  .accepted_at = *accepted_at};
}

std::string suspects_text(const SuspectList& copies) {
    std::vector<std::string> names;
    std::vector<std::string> with_device;
    for (const auto& [copy, lasts] : copies) {
        names.push_back(copy.uuid + "@" + std::to_string(copy.segment_start));
        if (lasts == Lasts::with_device)
            with_device.push_back(names.back());
    }
    config::Writer writer;
    writer.entry(suspects_key, record_format)
        .entry("copies", names)
        .entry("last_with_device", with_device)
        .entry("complete", 1);
    return std::move(writer).text();
}

std::variant<SuspectList, Unreadable> parse_suspects(std::string_view text) {
    const auto document = config::Document::parse(text);
    if (auto fault = fault_of(document, suspects_key, "a list of suspect copies"))
        return *std::move(fault);
    const auto root = document->root();
    if (root.integer("complete") != 1)
        return Unreadable{"incomplete"};
    SuspectList copies;
    // Earlier versions know only "copies", and go on reading it.
    const std::pair<std::string_view, Lasts> lists[] = {{"copies", Lasts::with_lv},
                                                        {"last_with_device", Lasts::with_device}};
    for (const auto& [key, lasts] : lists) {
        for (const auto name : root.strings(key)) {
            auto copy = suspect_of(name);
            if (!copy)
                return Unreadable{"with a copy that can't be read"};
            copies.insert_or_assign(*std::move(copy), lasts);
        }
    }
    return copies;
}

} // namespace lvmpolld
