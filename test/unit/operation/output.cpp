// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/limits.h"
#include "operation/operation.h"
#include "operation/test_request.h"

#include <gmock/gmock.h>

#include <string>

namespace lvmpolld {
namespace {

struct OutputTest : testing::Test {
    Store store{Retention{}};
    std::shared_ptr<Operation> operation =
        std::get<Store::Accepted>(store.accept(poll_request())).operation;
};

TEST_F(OutputTest, ThereIsNoneBeforeTheFirstLine) {
    EXPECT_EQ(operation->snapshot().output, nullptr);
}

TEST_F(OutputTest, TheLastLinesAreKeptInTheirOrder) {
    for (std::size_t line = 0; line < limits::shown_output_lines + 2; ++line)
        operation->add_output(std::to_string(line));
    const auto output = operation->snapshot().output;
    ASSERT_EQ(output->size(), limits::shown_output_lines);
    EXPECT_EQ(output->front(), "2");
    EXPECT_EQ(output->back(), std::to_string(limits::shown_output_lines + 1));
}

TEST_F(OutputTest, ALongLineIsCut) {
    operation->add_output(std::string(limits::shown_output_bytes + 1, 'x'));
    EXPECT_THAT(*operation->snapshot().output,
                testing::ElementsAre(std::string(limits::shown_output_bytes, 'x')));
}

TEST_F(OutputTest, AReadersListStaysAsItIs) {
    operation->add_output("before");
    const auto output = operation->snapshot().output;
    operation->add_output("after");
    EXPECT_THAT(*output, testing::ElementsAre("before"));
}

} // namespace
} // namespace lvmpolld
