// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "operation/claims.h"
#include "operation/test_request.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace lvmpolld {

/// A result for EXPECT_EQ; nothing stands for an operation in progress, "not found" for none.
inline std::string text_of(const Claims::Answer& answer) {
    if (std::holds_alternative<Claims::NotFound>(answer))
        return "not found";
    if (std::holds_alternative<Claims::InProgress>(answer))
        return "in progress";
    const auto& result = std::get<Result>(answer);
    if (const auto* exited = std::get_if<Exited>(&result))
        return "exited " + std::to_string(exited->code);
    if (const auto* killed = std::get_if<Killed>(&result))
        return "killed " + std::to_string(killed->signal);
    return "failed";
}

class ClaimsTest : public testing::Test {
protected:
    using Connection = std::unique_ptr<Claims>;

    static Connection connect() { return std::make_unique<Claims>(); }

    std::shared_ptr<Operation> request(Claims& connection, const std::string& lvid = "id") {
        return request(store, connection, poll_request(lvid));
    }

    static std::shared_ptr<Operation> request(Store& store, Claims& connection,
                                              PollRequest request) {
        auto operation = std::get<Store::Accepted>(store.accept(std::move(request))).operation;
        connection.add(operation);
        operation->begin_step();
        return operation;
    }

    std::string read(Claims& connection, const std::string& lvid = "id") {
        return read(store, connection, lvid);
    }

    static std::string read(Store& store, Claims& connection, const std::string& lvid) {
        auto answer = text_of(connection.read(store, lvid));
        connection.answered();
        return answer;
    }

    Store store{Retention{}};
    Connection a = connect();
    Connection b = connect();
    Connection c = connect();
};

} // namespace lvmpolld
