// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wire/reply.h"

#include <gtest/gtest.h>

// The expected bytes were recorded from lvm2's daemon, release 2.03.16.
namespace lvmpolld::wire {
namespace {

TEST(Reply, ConstantRepliesAreThoseOfTheReference) {
    EXPECT_EQ(reply::hello, "response = \"OK\"\nprotocol = \"lvmpolld\"\nversion = 1\n\n##\n");
    EXPECT_EQ(reply::ok, "response = \"OK\"\n\n##\n");
    EXPECT_EQ(reply::in_progress, "response = \"in_progress\"\n\n##\n");
    EXPECT_EQ(reply::not_found, "response = \"not_found\"\n\n##\n");
    EXPECT_EQ(reply::polling_failed, reply::failed("polling of lvm command failed"));
    EXPECT_EQ(reply::different_operation,
              reply::invalid("Different operation on LV already in progress"));
    EXPECT_EQ(reply::out_of_memory, reply::failed("not enough memory"));
}

TEST(Reply, RefusesATooLongRequestInTheFormOfTheReference) {
    EXPECT_EQ(reply::request_too_long, reply::invalid("request is too long"));
}

TEST(Reply, FinishedTellsAnExitCodeFromASignal) {
    EXPECT_EQ(reply::finished(Exited{5}),
              "response = \"finished\"\nreason = \"retcode\"\nvalue = 5\n\n##\n");
    EXPECT_EQ(reply::finished(Exited{0}),
              "response = \"finished\"\nreason = \"retcode\"\nvalue = 0\n\n##\n");
    EXPECT_EQ(reply::finished(Killed{9}),
              "response = \"finished\"\nreason = \"signal\"\nvalue = 9\n\n##\n");
}

TEST(Reply, FailedAndInvalidCarryTheReason) {
    EXPECT_EQ(reply::failed("polling of lvm command failed"),
              "response = \"failed\"\nreason = \"polling of lvm command failed\"\n\n##\n");
    EXPECT_EQ(reply::invalid("request not implemented"),
              "response = \"invalid\"\nreason = \"request not implemented\"\n\n##\n");
}

TEST(Reply, TerminatesADump) {
    EXPECT_EQ(reply::terminate("abort {\n}"), "abort {\n}\n##\n");
}

} // namespace
} // namespace lvmpolld::wire
