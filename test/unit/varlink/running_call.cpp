// SPDX-License-Identifier: LGPL-2.1-or-later
#include "varlink/running_call.h"

#include "base/limits.h"
#include "varlink/client.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lvmpolld::varlink {

namespace {

using overview::Ending;
using overview::Entry;
using overview::Overview;
using overview::WallTime;
using State = RunningCall::State;
using Entries = std::vector<Entry>;
using Texts = std::vector<std::string>;

constexpr WallTime asked_at{1000};

Entry running(std::string identifier, std::uint64_t done = 0) {
    Entry entry{.identifier = std::move(identifier)};
    entry.state = overview::State::watching;
    entry.vg = "vg";
    entry.bytes_done = done;
    return entry;
}

Entry ended(std::string identifier, Ending ending = Ending::completed, WallTime at = asked_at) {
    auto entry = running(std::move(identifier));
    entry.state = overview::State::finished;
    entry.finished = at;
    entry.result = overview::Outcome{.ending = ending};
    return entry;
}

/// A reply in short: "poll-1+" if more follow, "error NAME", "ended poll-1 failed 1 omitted 0".
std::string summary(std::string_view text) {
    const auto reply = parse_reply(text).value();
    const std::string more = reply.continues ? "+" : "";
    if (reply.error)
        return "error " + reply.error->substr(reply.error->rfind('.') + 1);
    if (const auto operation = operation_of(reply))
        return operation->identifier + more;
    if (!reply.parameters.contains("ended"))
        return more;
    std::string identifiers;
    for (const auto& each : reply.parameters.at("ended"))
        identifiers += (identifiers.empty() ? "" : ",") + each.at("identifier").get<std::string>();
    return "ended " + identifiers + " failed " + reply.parameters.at("failed").dump() +
           " omitted " + reply.parameters.at("omitted").dump();
}

/// A client that asks once and reads all that there is at once.
class Asking {
public:
    template <class What>
    Asking(const What& what, Overview& overview, bool more = true)
        : overview_(overview), call_(start(what, {more, asked_at}, overview)) {}

    /// The replies that are new, in short.
    Texts read() {
        Texts replies;
        do {
            std::string out;
            state = call_->advance(overview_, out);
            for (std::size_t end = 0; (end = out.find('\0')) != out.npos; out.erase(0, end + 1))
                replies.push_back(summary(std::string_view(out).substr(0, end)));
            EXPECT_EQ(out, "");
        } while (state == State::full);
        return replies;
    }

    RunningCall& call() { return *call_; }

    State state = State::waiting;

private:
    Overview& overview_;
    std::unique_ptr<RunningCall> call_;
};

class RunningCallTest : public ::testing::Test {
protected:
    void show(Entries entries) { overview.update(std::move(entries)); }

    /// A thousand entries, which take more than one turn.
    void show_many(std::uint64_t done = 0) {
        Entries many;
        for (int i = 0; i < 1000; ++i)
            many.push_back(running("poll-" + std::to_string(i), done));
        show(many);
    }

    /// A client that reads each turn's replies before the next gets so many, in several turns, and
    /// the call is in this state then.
    void expect_in_turns(RunningCall& running_call, std::size_t replies, State end) {
        std::size_t read = 0;
        unsigned turns = 0;
        State state{};
        do {
            std::string out;
            state = running_call.advance(overview, out);
            EXPECT_LT(out.size(), limits::varlink_unsent_bytes + 1024);
            read += static_cast<std::size_t>(std::ranges::count(out, '\0'));
            ++turns;
        } while (state == State::full);
        EXPECT_EQ(state, end);
        EXPECT_EQ(read, replies);
        EXPECT_GT(turns, 1);
    }

    Overview overview{limits::recent_results};
};

using VarlinkList = RunningCallTest;
using VarlinkSubscribe = RunningCallTest;
using VarlinkWait = RunningCallTest;

call::Wait wait_for(std::string lv) {
    return {{.lv = std::move(lv)}, std::nullopt};
}

} // namespace

TEST_F(VarlinkList, MarksTheLastReply) {
    show({running("poll-1"), ended("poll-2"), running("poll-3")});
    Asking list(call::List{}, overview);
    EXPECT_EQ(list.read(), (Texts{"poll-1+", "poll-2+", "poll-3"}));
    EXPECT_EQ(list.state, State::done);
    EXPECT_FALSE(list.call().follows());
}

TEST_F(VarlinkList, WithoutMoreThereHasToBeOne) {
    EXPECT_EQ(Asking(call::List{}, overview, false).read(), Texts{"error NoSuchOperation"});
    show({running("poll-1")});
    EXPECT_EQ(Asking(call::List{}, overview, false).read(), Texts{"poll-1"});
    show({running("poll-1"), running("poll-2")});
    EXPECT_EQ(Asking(call::List{}, overview, false).read(), Texts{"error ExpectedMore"});
}

TEST_F(VarlinkList, NothingIsAnError) {
    show({running("poll-1")});
    const call::List other{{.vg = "other"}};
    EXPECT_EQ(Asking(other, overview).read(), Texts{"error NoSuchOperation"});
}

TEST_F(VarlinkList, MakesNoMoreThanIsRead) {
    show_many();
    const auto list = start(call::List{}, {true, asked_at}, overview);
    expect_in_turns(*list, 1000, State::done);
}

TEST_F(VarlinkList, WhatBeginsMeanwhileIsNotListed) {
    show({running("poll-1")});
    Asking list(call::List{}, overview);
    show({running("poll-1"), running("poll-2")});
    EXPECT_EQ(list.read(), Texts{"poll-1"});
}

TEST_F(VarlinkSubscribe, TellsThePresentStateThenChanges) {
    show({running("poll-1"), ended("poll-2")});
    Asking subscription(call::Subscribe{}, overview);
    EXPECT_EQ(subscription.read(), (Texts{"poll-1+", "+"}));
    EXPECT_EQ(subscription.state, State::waiting);
    EXPECT_TRUE(subscription.call().follows());
    show({running("poll-1", 1), running("poll-3")});
    EXPECT_EQ(subscription.read(), (Texts{"poll-1+", "poll-3+"}));
    EXPECT_EQ(subscription.read(), Texts{});
}

TEST_F(VarlinkSubscribe, TellsOnlyWhatMatches) {
    Asking subscription(call::Subscribe{{.vg = "other"}}, overview);
    show({running("poll-1")});
    EXPECT_EQ(subscription.read(), Texts{"+"});
}

TEST_F(VarlinkSubscribe, TellsWhatChangesBeforeItsTurn) {
    show({running("poll-1")});
    Asking subscription(call::Subscribe{}, overview);
    show({ended("poll-1")});
    EXPECT_EQ(subscription.read(), (Texts{"+", "poll-1+"}));
}

TEST_F(VarlinkSubscribe, SaysThatAResultIsLost) {
    Asking subscription(call::Subscribe{}, overview);
    EXPECT_EQ(subscription.read(), Texts{"+"});
    Entries many;
    for (std::size_t i = 0; i <= limits::recent_results; ++i)
        many.push_back(ended("poll-" + std::to_string(i)));
    show(many);
    EXPECT_EQ(subscription.read(), Texts{"error SubscriberTooSlow"});
    EXPECT_EQ(subscription.state, State::done);
}

TEST_F(VarlinkSubscribe, MakesNoMoreThanIsRead) {
    show_many();
    const auto subscription = start(call::Subscribe{}, {true, asked_at}, overview);
    expect_in_turns(*subscription, 1000 + 1, State::waiting); // one: the present state is complete
    show_many(1);
    expect_in_turns(*subscription, 1000, State::waiting);
}

TEST_F(VarlinkWait, RepliesWhenAllHaveEnded) {
    show({running("poll-1"), running("poll-2")});
    Asking wait(call::Wait{}, overview, false);
    EXPECT_EQ(wait.read(), Texts{});
    show({ended("poll-1"), running("poll-2"), running("poll-3")});
    EXPECT_EQ(wait.read(), Texts{});
    show({ended("poll-2", Ending::failed), running("poll-3")});
    EXPECT_EQ(wait.read(), Texts{"ended poll-1,poll-2 failed 1 omitted 0"});
    EXPECT_EQ(wait.state, State::done);
}

TEST_F(VarlinkWait, TellsProgressIfThatIsWelcome) {
    show({running("poll-1")});
    Asking wait(call::Wait{}, overview);
    EXPECT_EQ(wait.read(), Texts{"poll-1+"});
    show({running("poll-1", 1)});
    EXPECT_EQ(wait.read(), Texts{"poll-1+"});
    show({ended("poll-1")});
    EXPECT_EQ(wait.read(), (Texts{"poll-1+", "ended poll-1 failed 0 omitted 0"}));
}

TEST_F(VarlinkWait, MakesNoMoreThanIsRead) {
    show_many();
    const auto wait = start(call::Wait{}, {true, asked_at}, overview);
    expect_in_turns(*wait, 1000, State::waiting);
    show_many(1);
    expect_in_turns(*wait, 1000, State::waiting);
}

TEST_F(VarlinkWait, NothingToWaitForIsAnError) {
    show({running("poll-1"), ended("poll-2", Ending::completed, asked_at - WallTime(1))});
    EXPECT_EQ(Asking(wait_for("other"), overview).read(), Texts{"error NoSuchOperation"});
    show({ended("poll-1", Ending::completed, asked_at - WallTime(1))});
    EXPECT_EQ(Asking(call::Wait{}, overview).read(), Texts{"error NoSuchOperation"});
}

TEST_F(VarlinkWait, WhatEndsBeforeItsTurnWasWaitedFor) {
    show({ended("poll-1", Ending::failed, asked_at)});
    EXPECT_EQ(Asking(call::Wait{}, overview, false).read(),
              Texts{"ended poll-1 failed 1 omitted 0"});
}

TEST_F(VarlinkWait, FollowsWhatTheDaemonTakesOver) {
    show({running("kernel-1")});
    Asking wait(call::Wait{}, overview, false);
    EXPECT_EQ(wait.read(), Texts{});
    show({running("poll-1"), ended("kernel-1", Ending::taken_over)});
    EXPECT_EQ(wait.read(), Texts{});
    show({ended("poll-1")});
    EXPECT_EQ(wait.read(), Texts{"ended poll-1 failed 0 omitted 0"});
}

TEST_F(VarlinkWait, WhatHasTakenItOverMayHaveEndedToo) {
    show({running("kernel-1")});
    Asking wait(call::Wait{}, overview, false);
    EXPECT_EQ(wait.read(), Texts{});
    show({ended("kernel-1", Ending::taken_over), ended("poll-1", Ending::failed)});
    EXPECT_EQ(wait.read(), Texts{"ended poll-1 failed 1 omitted 0"});
}

TEST_F(VarlinkWait, ATimeoutSaysHowManyRemain) {
    show({running("poll-1"), running("poll-2")});
    Asking wait(call::Wait{}, overview, false);
    EXPECT_EQ(wait.read(), Texts{});
    std::string out;
    wait.call().time_out(out);
    EXPECT_EQ(parse_reply(std::string_view(out).substr(0, out.size() - 1)).value().parameters,
              Json({{"remaining", 2}}));
}

} // namespace lvmpolld::varlink
