// SPDX-License-Identifier: LGPL-2.1-or-later
// Whatever stands in a file of the state directory is a record, or a list of suspect copies, or is
// refused. What is read is safe to hand on, is written back as it was read, and can be taken up:
// each claim is told the result once, and then nothing is left.
#include "operation/claims.h"
#include "operation/lvm_names.h"
#include "operation/operation.h"
#include "operation/store.h"
#include "recorded.h"
#include "require.h"
#include "state/record_text.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <variant>
#include <vector>

using namespace lvmpolld;

namespace {

/// Reading takes a step for each claim.
constexpr unsigned most_claims = 100;

unsigned claims_on(const Record& record) {
    auto count = record.free_claims;
    for (const auto& held : record.held_claims)
        count += held.count;
    return count;
}

/// One that is told the result of as many claims as it can.
unsigned told(Store& store, const std::string& identity, Claims& claims) {
    unsigned count = 0;
    while (std::holds_alternative<Result>(claims.read(store, identity))) {
        claims.answered();
        ++count;
    }
    return count;
}

void take_up(const Record& record) {
    Recorded records;
    Store store(Retention{}, &records);
    const auto operation = store.restore(record);
    const auto identity = operation->identity();
    if (!operation->snapshot().result) {
        operation->begin_step();
        require(store.finish(*operation, Exited{5}));
    }
    unsigned claims = claims_on(record);
    for (const auto& held : operation->held_claims()) {
        Claims connection(held.session, true);
        connection.restore(operation, held.count);
        if (held.session % 2 == 0 && claims <= most_claims) { // the others have gone meanwhile
            require(std::holds_alternative<Result>(connection.read(store, identity)));
            connection.answered();
            --claims;
        }
    }
    if (claims > most_claims)
        return;
    Claims anybody;
    const auto without_claim = claims == 0 && store.find(identity) ? 1U : 0U;
    require(told(store, identity, anybody) == claims + without_claim);
    require(store.operations().empty() && records.written().empty());
}

void require_acceptable(const PollRequest& request) {
    require(fault_of_name(request.vgname).empty() && fault_of_name(request.lvname).empty());
    require(Interval::parse(request.interval.text) == request.interval);
    for (const auto& text : {request.identity.text(), request.devicesfile.value_or("")})
        require(text.find_first_of("\n\033\177") == text.npos);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto read = parse_record(text, boot, 17);
    if (const auto* record = std::get_if<Record>(&read)) {
        require_acceptable(record->request);
        const auto again = read_back(*record);
        require(same_operation(again, *record) && again.accepted_at == record->accepted_at &&
                again.finished_at == record->finished_at);
        take_up(*record);
    }
    const auto suspects = parse_suspects(text);
    if (const auto* list = std::get_if<SuspectList>(&suspects)) {
        const auto again = parse_suspects(suspects_text(*list));
        require(std::holds_alternative<SuspectList>(again));
        require(std::get<SuspectList>(again) == *list);
    }
    return 0;
}
