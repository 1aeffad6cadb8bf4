// SPDX-License-Identifier: LGPL-2.1-or-later
#include "options.h"
#include "runs.h"

#include <exception>
#include <iostream>

int main(int argc, char** argv) {
    using namespace lvmpolld::simulation;
    try {
        return run(parse_options(argc, argv));
    } catch (const std::exception& error) {
        std::cerr << "simulation: " << error.what() << '\n';
        return 2;
    }
}
