// SPDX-License-Identifier: LGPL-2.1-or-later
#include "varlink/call.h"

#include "base/limits.h"

#include <gtest/gtest.h>

#include <string>

namespace lvmpolld::varlink {

namespace {

using namespace std::chrono_literals;

std::string message_of(const std::string& method, const std::string& more = "") {
    return R"({"method":")" + method + '"' + more + '}';
}

std::string list(const std::string& filter) {
    return message_of("io.lvmpolld.Operations.List", R"(,"parameters":{"filter":)" + filter + "}");
}

/// "ERROR KEY=VALUE" of what is rejected.
std::string rejection(const std::string& message) {
    const auto parsed = parse_call(message);
    const auto* rejected = parsed ? std::get_if<call::Rejected>(&parsed->what) : nullptr;
    return rejected != nullptr ? rejected->error + ' ' + rejected->key + '=' + rejected->value
                               : "not rejected";
}

overview::Filter filter_in(const std::string& message) {
    return std::get<call::List>(parse_call(message).value().what).filter;
}

} // namespace

TEST(VarlinkCall, KnowsItsMethods) {
    const auto what = [](const char* method) {
        return parse_call(message_of(method)).value().what.index();
    };
    using What = decltype(Call::what);
    EXPECT_EQ(what("org.varlink.service.GetInfo"), What(call::GetInfo{}).index());
    EXPECT_EQ(what("io.lvmpolld.Operations.List"), What(call::List{}).index());
    EXPECT_EQ(what("io.lvmpolld.Operations.Subscribe"), What(call::Subscribe{}).index());
    EXPECT_EQ(what("io.lvmpolld.Operations.Wait"), What(call::Wait{}).index());
    EXPECT_EQ(what("io.lvmpolld.Statistics.Get"), What(call::GetStatistics{}).index());
}

TEST(VarlinkCall, TakesTheParametersOfADescription) {
    const auto parsed = parse_call(message_of("org.varlink.service.GetInterfaceDescription",
                                              R"(,"parameters":{"interface":"a.b"})"));
    EXPECT_EQ(std::get<call::GetInterfaceDescription>(parsed.value().what).interface, "a.b");
}

TEST(VarlinkCall, TakesItsFlags) {
    const auto plain = parse_call(message_of("org.varlink.service.GetInfo")).value();
    EXPECT_FALSE(plain.more);
    EXPECT_FALSE(plain.oneway);
    const auto flagged =
        parse_call(message_of("org.varlink.service.GetInfo", R"(,"more":true,"oneway":true)"))
            .value();
    EXPECT_TRUE(flagged.more);
    EXPECT_TRUE(flagged.oneway);
}

TEST(VarlinkCall, TakesAFilter) {
    EXPECT_EQ(filter_in(message_of("io.lvmpolld.Operations.List")), overview::Filter{});
    EXPECT_EQ(filter_in(list("null")), overview::Filter{});
    const overview::Filter all{.vg = "vg",
                               .lv = "lv",
                               .physical_volume = "/dev/sdb",
                               .store = overview::StoreKind::abort,
                               .kinds = {{overview::Kind::pvmove, overview::Kind::raid_scrub}},
                               .states = {{overview::State::finished}},
                               .polled_by = overview::PolledBy::not_needed};
    EXPECT_EQ(filter_in(list(filter_text(all))), all);
}

TEST(VarlinkCall, TakesATimeout) {
    const auto wait = [](const char* parameters) {
        const auto parsed = parse_call(message_of("io.lvmpolld.Operations.Wait", parameters));
        return std::get<call::Wait>(parsed.value().what).timeout;
    };
    EXPECT_EQ(wait(""), std::nullopt);
    EXPECT_EQ(wait(R"(,"parameters":{"timeout":1500000})"), 1500ms);
}

TEST(VarlinkCall, RejectsWhatItDoesNotKnow) {
    EXPECT_EQ(rejection(message_of("io.lvmpolld.Other.List")),
              "InterfaceNotFound interface=io.lvmpolld.Other");
    EXPECT_EQ(rejection(message_of("List")), "InterfaceNotFound interface=");
    EXPECT_EQ(rejection(message_of("")), "InterfaceNotFound interface=");
    EXPECT_EQ(rejection(message_of("io.lvmpolld.Operations.Drop")),
              "MethodNotFound method=io.lvmpolld.Operations.Drop");
    EXPECT_EQ(rejection(message_of("org.varlink.service.GetInfo", R"(,"upgrade":true)")),
              "MethodNotImplemented method=org.varlink.service.GetInfo");
}

TEST(VarlinkCall, RejectsParametersThatItCannotUse) {
    const auto invalid = [](const std::string& name) {
        return "InvalidParameter parameter=" + name;
    };
    EXPECT_EQ(rejection(message_of("org.varlink.service.GetInterfaceDescription")),
              invalid("interface"));
    EXPECT_EQ(rejection(message_of("org.varlink.service.GetInfo", R"(,"parameters":{"a":1})")),
              invalid("a"));
    EXPECT_EQ(rejection(list("[]")), invalid("filter"));
    EXPECT_EQ(rejection(list(R"({"volume":"vg"})")), invalid("volume"));
    EXPECT_EQ(rejection(list(R"({"volumeGroup":1})")), invalid("volumeGroup"));
    EXPECT_EQ(rejection(list(R"({"types":["pvmove","move"]})")), invalid("types"));
    EXPECT_EQ(rejection(list(R"({"types":"pvmove"})")), invalid("types"));
    EXPECT_EQ(rejection(list(R"({"store":"both"})")), invalid("store"));
    for (const auto* timeout : {"-1", "1.5", "\"1\"", "true"})
        EXPECT_EQ(
            rejection(message_of("io.lvmpolld.Operations.Wait",
                                 R"(,"parameters":{"timeout":)" + std::string(timeout) + "}")),
            invalid("timeout"));
}

TEST(VarlinkCall, WhatIsNoCallHasNoAnswer) {
    for (const char* message :
         {"", "null", "[]", "{}", "{\"method\":1}", "{\"method\":\"a.b\"", "\xff",
          R"({"method":"a.b","more":1})", R"({"method":"a.b","parameters":[]})",
          "{\"method\":\"\xc3\x28\"}", R"({"method":"a.b"} {})"})
        EXPECT_FALSE(parse_call(message)) << message;
}

TEST(VarlinkCall, NestingHasABound) {
    const auto nested = [](std::size_t depth) {
        return message_of("org.varlink.service.GetInfo",
                          R"(,"ignored":)" + std::string(depth, '[') + std::string(depth, ']'));
    };
    EXPECT_TRUE(parse_call(nested(limits::varlink_depth - 1)));
    EXPECT_FALSE(parse_call(nested(limits::varlink_depth)));
    EXPECT_FALSE(parse_call(nested(30'000)));
    EXPECT_TRUE(parse_call(
        message_of("org.varlink.service.GetInfo", R"(,"ignored":"[[[[[[[[[[[[[[[[[[\"[[[[[")")));
}

TEST(VarlinkCall, ATextIsReadAsItWasMade) {
    const auto text = call_text("io.lvmpolld.Operations.Wait", R"({"timeout":7})", true);
    ASSERT_EQ(text.back(), '\0');
    const auto parsed = parse_call(std::string_view(text).substr(0, text.size() - 1)).value();
    EXPECT_TRUE(parsed.more);
    EXPECT_EQ(std::get<call::Wait>(parsed.what).timeout, 7us);
}

} // namespace lvmpolld::varlink
