// SPDX-License-Identifier: LGPL-2.1-or-later
#include "options.h"

#include <sstream>
#include <stdexcept>

namespace lvmpolld::simulation {

std::vector<std::size_t> parse_numbers(const std::string& text) {
    std::vector<std::size_t> numbers;
    std::istringstream parts(text);
    std::string part;
    while (std::getline(parts, part, ',')) {
        const auto first = std::stoul(part);
        const auto dash = part.find('-');
        const auto last = dash == part.npos ? first : std::stoul(part.substr(dash + 1));
        for (auto number = first; number <= last; ++number)
            numbers.push_back(number);
    }
    return numbers;
}

Options parse_options(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; i += 2) {
        const std::string name = argv[i];
        if (i + 1 == argc)
            throw std::invalid_argument(name + " needs a value");
        const std::string value = argv[i + 1];
        if (name == "--seed")
            options.seed = std::stoull(value);
        else if (name == "--only")
            options.only = parse_numbers(value);
        else if (name == "--first")
            options.first = std::stoull(value);
        else if (name == "--seconds")
            options.seconds = std::stod(value);
        else if (name == "--hours")
            options.seconds = 3600 * std::stod(value);
        else if (name == "--failures")
            options.failures = std::stoul(value);
        else if (name == "--seeds")
            options.seeds = value;
        else
            throw std::invalid_argument("what is " + name + "?");
    }
    return options;
}

} // namespace lvmpolld::simulation
