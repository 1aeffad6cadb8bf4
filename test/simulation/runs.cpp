// SPDX-License-Identifier: LGPL-2.1-or-later
#include "runs.h"

#include "world.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>

namespace lvmpolld::simulation {

namespace {

constexpr double seconds_of_year = 365.25 * 86400;

/// Decisions keep their numbers when others are left out: an empty one stands in their place.
Scenario with_only(const Scenario& scenario, const std::vector<std::size_t>& kept) {
    auto result = scenario;
    for (std::size_t number = 0; number < result.decisions.size(); ++number)
        if (std::ranges::count(kept, number) == 0)
            result.decisions[number].what = What::nothing;
    return result;
}

std::vector<std::size_t> kept_of(const Scenario& scenario) {
    std::vector<std::size_t> kept;
    for (std::size_t number = 0; number < scenario.decisions.size(); ++number)
        if (scenario.decisions[number].what != What::nothing)
            kept.push_back(number);
    return kept;
}

std::string list_of(const std::vector<std::size_t>& numbers) {
    std::string text;
    for (const auto number : numbers)
        text += (text.empty() ? "" : ",") + std::to_string(number);
    return text;
}

void report(const Scenario& scenario, const Violation& violation) {
    std::printf("seed %llu violates %s after %s: %s\n",
                static_cast<unsigned long long>(scenario.seed), violation.name.c_str(),
                text_of(violation.time).c_str(), violation.what.c_str());
}

/// The same seed again, shrunk and with a trace.
void explain(const Scenario& scenario, const Violation& violation) {
    report(scenario, violation);
    const auto shrunk = shrink(scenario, violation.name);
    const auto outcome = run_world(shrunk, true);
    std::printf("shrunk to %zu of %zu decisions:\n", kept_of(shrunk).size(),
                scenario.decisions.size());
    for (const auto& line : outcome.lines)
        std::printf("%s\n", line.c_str());
    std::printf("again: --seed %llu --only %s\n", static_cast<unsigned long long>(scenario.seed),
                list_of(kept_of(shrunk)).c_str());
}

struct Total {
    std::uint64_t worlds = 0;
    std::uint64_t events = 0;
    std::uint64_t requests = 0;
    double seconds = 0; ///< virtual
    std::set<std::string> violated;

    void add(const Outcome& outcome) {
        ++worlds;
        events += outcome.events;
        requests += outcome.requests;
        seconds += std::chrono::duration<double>(outcome.time).count();
    }

    void print() const {
        const double minutes = processor_time().count() / 60;
        std::printf("%llu worlds, %.2f virtual years, %llu requests, %llu events in %.1f s of one "
                    "core: %.2f years and %.0f requests a minute\n",
                    static_cast<unsigned long long>(worlds), seconds / seconds_of_year,
                    static_cast<unsigned long long>(requests),
                    static_cast<unsigned long long>(events), minutes * 60,
                    seconds / seconds_of_year / minutes, static_cast<double>(requests) / minutes);
    }
};

/// Notes what is violated, and explains it the first time.
void run_and_explain(const Scenario& scenario, Total& total) {
    const auto outcome = run_world(scenario, false);
    total.add(outcome);
    if (!outcome.violation)
        return;
    if (total.violated.insert(outcome.violation->name).second)
        explain(scenario, *outcome.violation);
    else
        report(scenario, *outcome.violation);
}

/// Each line: a seed, perhaps the numbers of the decisions that matter, and what it has shown.
void run_kept(const std::string& file, Total& total) {
    std::ifstream lines(file);
    if (!lines)
        throw std::runtime_error("cannot read " + file);
    std::string line;
    while (std::getline(lines, line)) {
        if (line.empty() || line.front() == '#')
            continue;
        std::istringstream words(line);
        std::uint64_t seed = 0;
        std::string only;
        words >> seed >> only;
        auto scenario = make_scenario(seed);
        if (only != "all")
            scenario = with_only(scenario, parse_numbers(only));
        run_and_explain(scenario, total);
    }
}

} // namespace

Outcome run_world(const Scenario& scenario, bool wanted) {
    Trace trace(wanted);
    Outcome outcome;
    {
        World world(scenario, trace);
        const auto begin = now();
        world.run();
        outcome.time = now() - begin;
        outcome.events = world.events().count();
        outcome.requests = world.requests();
    }
    outcome.violation = trace.violation();
    outcome.lines = trace.lines();
    return outcome;
}

Scenario shrink(const Scenario& scenario, const std::string& violated) {
    auto kept = kept_of(scenario);
    const auto fails = [&](const std::vector<std::size_t>& some) {
        const auto outcome = run_world(with_only(scenario, some), false);
        return outcome.violation && outcome.violation->name == violated;
    };
    for (std::size_t part = std::max<std::size_t>(kept.size() / 2, 1);; part = (part + 1) / 2) {
        for (std::size_t begin = 0; begin < kept.size();) {
            auto without = kept;
            const auto first = without.begin() + static_cast<std::ptrdiff_t>(begin);
            without.erase(first,
                          first + static_cast<std::ptrdiff_t>(std::min(part, kept.size() - begin)));
            if (fails(without))
                kept = std::move(without);
            else
                begin += part;
        }
        if (part == 1)
            break;
    }
    return with_only(scenario, kept);
}

int run(const Options& options) {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    Total total;
    if (options.seed) {
        auto scenario = make_scenario(*options.seed);
        if (!options.only.empty())
            scenario = with_only(scenario, options.only);
        const auto outcome = run_world(scenario, true);
        for (const auto& line : outcome.lines)
            std::printf("%s\n", line.c_str());
        total.add(outcome);
        total.print();
        return outcome.violation ? 1 : 0;
    }
    if (!options.seeds.empty())
        run_kept(options.seeds, total);
    for (auto seed = options.first;
         total.violated.size() < options.failures && processor_time().count() < options.seconds;
         ++seed)
        run_and_explain(make_scenario(seed), total);
    total.print();
    return total.violated.empty() ? 0 : 1;
}

} // namespace lvmpolld::simulation
