// SPDX-License-Identifier: LGPL-2.1-or-later
// verify_load LEG LEG [LEG...]
// compares block devices or files of equal content from their beginning, as far as the shortest one
// goes, and prints how many bytes of each leg were read per second.
#include "base/error.h"
#include "base/file_descriptor.h"
#include "verify/leg_comparison.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <vector>

namespace lvmpolld::bench {
namespace {

std::uint64_t sectors_of(const char* path) {
    const FileDescriptor leg{open(path, O_RDONLY | O_CLOEXEC)};
    if (!leg)
        throw_errno(path);
    const off_t bytes = lseek(leg.get(), 0, SEEK_END);
    if (bytes < 0)
        throw_errno(path);
    return static_cast<std::uint64_t>(bytes) / sector_bytes;
}

double bytes_per_second(const std::vector<const char*>& paths) {
    std::vector<verify::Extent> legs;
    std::uint64_t sectors = UINT64_MAX;
    for (const char* path : paths) {
        legs.push_back({path, 0});
        sectors = std::min(sectors, sectors_of(path));
    }

    const auto begin = std::chrono::steady_clock::now();
    const verify::Outcome outcome = verify::LegComparison(legs, sectors).run({});
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;

    if (sectors == 0 || outcome != verify::Outcome(verify::Equal{sectors}))
        throw std::runtime_error("the legs were not found equal");
    return static_cast<double>(sectors * sector_bytes) / elapsed.count();
}

} // namespace
} // namespace lvmpolld::bench

int main(int argc, char** argv) try {
    if (argc < 3)
        throw std::invalid_argument("verify_load LEG LEG [LEG...]");
    std::printf("%.0f\n", lvmpolld::bench::bytes_per_second({argv + 1, argv + argc}));
    return 0;
} catch (const std::exception& error) {

    std::fprintf(stderr, "verify_load: %s\n", error.what());
    return 1;
}
