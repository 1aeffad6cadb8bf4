// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/error.h"
#include "daemon/service.h"
#include "daemon/varlink_server.h"
#include "failing_allocation.h"
#include "operation/operation.h"
#include "operation/test_request.h"
#include "wire/reply.h"

#include <asio/post.hpp>

#include <sys/socket.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lvmpolld {
namespace {

/// Messages cost the memory that it takes to make them.
class SilentLog final : public Log {
public:
    bool enabled(LogLevel) const noexcept override { return true; }

    void write(LogLevel, std::string) noexcept override {}
};

class CountedRecords final : public Records {
public:
    Ticket save(const Record& record, By) noexcept override {
        held_claims = record.held_claims.size();
        free_claims = record.free_claims;
        return ++saved;
    }

    void write() noexcept override {}

    void report(int error) noexcept override { failure = error; }

    void remove(bool, RecordNumber) noexcept override { held_claims = 0; }

    void save_suspects(const SuspectList&) noexcept override {}

    bool is_written(Ticket) const noexcept override { return true; }

    Ticket saved = 0;
    std::size_t held_claims = 0;
    unsigned free_claims = 0;
    int failure = 0;
};

/// A daemon without its threads, new for each failure.
struct World {
    CountedRecords records;
    Store polls{Retention{}, &records};
    Store aborts{Retention{}, &records};
    SilentLog log;
    std::vector<std::shared_ptr<Operation>> started;
    Service service{polls, aborts, "watch", log, [this](std::shared_ptr<Operation> operation) {
                        started.push_back(std::move(operation));
                    }};
    std::optional<Claims> a{std::in_place, 1};
    std::optional<Claims> b{std::in_place, 2};

    static std::string message(std::string_view kind) {
        return "request=\"" + std::string(kind) + "\"\nlvid=\"" + std::string(64, 'x') +
               "\"\nvgname=\"vg\"\nlvname=\"lv\"\ninterval=\"15\"\n"
               "cmdline=\"pvmove /dev/sda\"\n";
    }

    std::string ask(std::string_view kind, std::optional<Claims>& connection) {
        return std::string(bytes(service.answer(message(kind), *connection)));
    }

    /// The same while an allocation fails.
    std::string ask_without_memory(std::string_view kind, std::optional<Claims>& connection,
                                   long allocation) {
        const auto request = message(kind);
        Service::Reply reply;
        met_failure =
            without_memory(allocation, [&] { reply = service.answer(request, *connection); });
        return std::string(bytes(reply));
    }

    bool finish(const Result& result) {
        started.back()->begin_step();
        return polls.finish(*started.back(), result);
    }

    /// A result that nobody has fetched.
    void leave_a_result() {
        const auto other = std::get<Store::Accepted>(polls.accept(poll_request("other"))).operation;
        EXPECT_TRUE(polls.finish(*other, Exited{0}));
        other->release_claims(0, 1);
    }

    bool met_failure = false;
};

const std::string ok(wire::reply::ok);
const std::string refused(wire::reply::out_of_memory);
const std::string not_found(wire::reply::not_found);
const std::string failed_with_5 = wire::reply::finished(Exited{5});

/// Plays `scenario` as often as it has allocations to fail, each time with the next one failing.
template <typename Scenario>
void fail_each_allocation(const Scenario& scenario) {
    bool failed = true;
    long number = 0;
    for (; failed; ++number) {
        SCOPED_TRACE("allocation " + std::to_string(number));
        World world;
        failed = scenario(world, number);
    }
    EXPECT_GT(number, 1) << "nothing was allocated";
}

TEST(WithoutMemory, ARequestIsStartedOrRefused) {
    fail_each_allocation([](World& world, long number) {
        const auto reply = world.ask_without_memory("pvmove", world.a, number);
        if (reply == ok) {
            EXPECT_EQ(world.started.size(), 1U);
        } else {
            EXPECT_EQ(reply, refused);
            EXPECT_EQ(world.polls.in_progress(), 0U);
            EXPECT_TRUE(world.started.empty());
            EXPECT_EQ(world.ask("pvmove", world.a), ok) << "it is started afresh";
        }
        EXPECT_EQ(world.polls.in_progress(), 1U);
        EXPECT_TRUE(world.finish(Exited{5}));
        EXPECT_EQ(world.ask("progress_info", world.a), failed_with_5);
        EXPECT_EQ(world.ask("progress_info", world.b), not_found) << "the refused one had a claim";
        return world.met_failure;
    });
}

TEST(WithoutMemory, ARequestThatJoinsHasAClaimOrIsRefused) {
    fail_each_allocation([](World& world, long number) {
        EXPECT_EQ(world.ask("pvmove", world.a), ok);
        const auto reply = world.ask_without_memory("pvmove", world.b, number);
        EXPECT_TRUE(reply == ok || reply == refused) << reply;
        EXPECT_EQ(world.polls.in_progress(), 1U);
        EXPECT_TRUE(world.finish(Exited{5}));
        EXPECT_EQ(world.ask("progress_info", world.a), failed_with_5);
        EXPECT_EQ(world.ask("progress_info", world.b), reply == ok ? failed_with_5 : not_found);
        world.a.reset();
        world.b.reset();
        EXPECT_EQ(world.records.held_claims, 0U) << "held by nobody";
        return world.met_failure;
    });
}

TEST(WithoutMemory, AReaderHearsTheResultOrThatMemoryIsShort) {
    fail_each_allocation([](World& world, long number) {
        EXPECT_EQ(world.ask("pvmove", world.a), ok);
        EXPECT_EQ(world.ask("pvmove", world.b), ok);
        EXPECT_TRUE(world.finish(Exited{5}));
        const auto reply = world.ask_without_memory("progress_info", world.a, number);
        EXPECT_TRUE(reply == failed_with_5 || reply == refused) << reply;
        if (reply == failed_with_5)
            world.a->answered();
        else
            EXPECT_EQ(world.ask("progress_info", world.a), failed_with_5);
        world.a.reset();
        EXPECT_EQ(world.ask("progress_info", world.b), failed_with_5);
        return world.met_failure;
    });
}

TEST(WithoutMemory, OtherQuestionsAreRefused) {
    for (const auto* kind : {"hello", "dump", "frobnicate"}) {
        fail_each_allocation([&](World& world, long number) {
            world.ask("pvmove", world.a);
            const auto usual = world.ask(kind, world.b);
            const auto reply = world.ask_without_memory(kind, world.b, number);
            EXPECT_TRUE(reply == usual || reply == refused) << reply;
            return world.met_failure;
        });
    }
}

TEST(WithoutMemory, AnOperationFinishesWithItsRecordMissing) {
    fail_each_allocation([](World& world, long number) {
        world.leave_a_result(); // whether it is too old is asked at each end
        EXPECT_EQ(world.ask("pvmove", world.a), ok);
        const auto saved = world.records.saved;
        const bool failed = without_memory(number, [&] { EXPECT_TRUE(world.finish(Exited{5})); });
        EXPECT_TRUE(world.records.saved > saved || world.records.failure == ENOMEM);
        EXPECT_EQ(world.ask("progress_info", world.a), failed_with_5);
        return failed;
    });
}

TEST(WithoutMemory, AConnectionsEndLeavesItsClaimToAnybody) {
    fail_each_allocation([](World& world, long number) {
        EXPECT_EQ(world.ask("pvmove", world.a), ok);
        const bool failed = without_memory(number, [&] { world.a.reset(); });
        EXPECT_TRUE(world.records.free_claims == 1 || world.records.failure == ENOMEM);
        EXPECT_TRUE(world.finish(Exited{5}));
        EXPECT_EQ(world.ask("progress_info", world.b), failed_with_5);
        return failed;
    });
}

TEST(WithoutMemory, TheLastAnswerThatIsNotSentIsKept) {
    fail_each_allocation([](World& world, long number) {
        EXPECT_EQ(world.ask("pvmove", world.a), ok);
        EXPECT_TRUE(world.finish(Exited{5}));
        EXPECT_EQ(world.ask("progress_info", world.a), failed_with_5);
        const bool failed = without_memory(number, [&] { world.a.reset(); });
        EXPECT_EQ(world.ask("progress_info", world.b), failed_with_5);
        return failed;
    });
}

TEST(WithoutMemory, AnEarlierRunIsKeptForItsClaim) {
    fail_each_allocation([](World& world, long number) {
        for (auto* const connection : {&world.a, &world.b}) {
            EXPECT_EQ(world.ask("pvmove", *connection), ok);
            EXPECT_TRUE(world.finish(Exited{5}));
        }
        EXPECT_EQ(world.ask("progress_info", world.b), failed_with_5);
        world.b->answered();
        const bool failed = without_memory(number, [&] { world.a.reset(); });
        EXPECT_EQ(world.ask("progress_info", world.b), failed_with_5);
        return failed;
    });
}

/// A server over Varlink whose monitor answers at once, and one end of each client's connection.
class VarlinkWorld {
public:
    FileDescriptor connect() {
        std::array<int, 2> ends{};
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
            throw_errno("socketpair");
        server.open(FileDescriptor(ends[0]));
        return FileDescriptor(ends[1]);
    }

    void run() {
        loop.restart();
        loop.poll();
    }

    static void send(const FileDescriptor& client, std::string_view calls) {
        ASSERT_EQ(::send(client.get(), calls.data(), calls.size(), 0),
                  static_cast<ssize_t>(calls.size()));
    }

    struct Heard {
        std::ptrdiff_t replies = 0;
        bool closed = false;
    };

    static Heard hear(const FileDescriptor& client) {
        Heard heard;
        std::array<char, 65536> text;
        ssize_t count = 0;
        while ((count = ::recv(client.get(), text.data(), text.size(), 0)) > 0)
            heard.replies += std::count(text.begin(), text.begin() + count, '\0');
        heard.closed = count == 0 || errno == ECONNRESET;
        return heard;
    }

    asio::io_context loop;
    Clock clock;
    VarlinkServer server{loop,
                         clock,
                         {[this](std::uint64_t, auto answer) {
                              asio::post(loop, [answer = std::move(answer)] {
                                  std::optional<Survey::Answer> taken;
                                  try {
                                      taken = Survey::Answer{{overview::Entry{}}, 0, {}};
                                  } catch (const std::bad_alloc&) { // as the monitor's thread
                                  }
                                  answer(std::move(taken));
                              });
                          },
                          [](bool) {}},
                         std::make_shared<Statistics>(),
                         [] {}};
};

TEST(WithoutMemory, AVarlinkCallClosesItsOwnConnectionAtMost) {
    constexpr std::string_view info("{\"method\":\"org.varlink.service.GetInfo\"}\0", 41);
    constexpr std::string_view list("{\"method\":\"io.lvmpolld.Operations.List\"}\0", 41);
    bool met_failure = true;
    for (long allocation = 0; met_failure; ++allocation) {
        VarlinkWorld world;
        const auto client = world.connect();
        const auto other = world.connect();
        VarlinkWorld::send(client, std::string(info).append(list));
        met_failure = without_memory(allocation, [&] { world.run(); });
        world.run();
        const auto heard = VarlinkWorld::hear(client);
        EXPECT_TRUE(heard.closed || heard.replies == 2) << allocation << ' ' << heard.replies;
        VarlinkWorld::send(other, info);
        world.run();
        EXPECT_EQ(VarlinkWorld::hear(other).replies, 1) << allocation;
    }
}

} // namespace
} // namespace lvmpolld
