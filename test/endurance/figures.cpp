// SPDX-License-Identifier: LGPL-2.1-or-later
#include "figures.h"

#include "heap.h"

#include <algorithm>
#include <filesystem>
#include <iterator>

namespace lvmpolld::endurance {

namespace {

std::size_t entries(const char* directory) {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(directory), {}));
}

std::size_t most_bytes(std::vector<Figures>::const_iterator begin,
                       std::vector<Figures>::const_iterator end) {
    return std::max_element(begin, end,
                            [](const auto& a, const auto& b) { return a.bytes < b.bytes; })
        ->bytes;
}

} // namespace

Figures Figures::now() {
    Figures figures;
    figures.objects = heap::live_objects();
    figures.bytes = heap::live_bytes();
    figures.descriptors = entries("/proc/self/fd") - 1; // that which lists them
    figures.threads = entries("/proc/self/task");
    return figures;
}

std::string Figures::text() const {
    return std::to_string(descriptors) + " descriptors, " + std::to_string(threads) + " threads, " +
           std::to_string(bytes) + " bytes in " + std::to_string(objects) + " objects";
}

std::string Series::problem() const {
    if (figures_.size() < warm_up + 2)
        return point_ + ": only " + std::to_string(figures_.size()) + " cycles";
    const auto begin = figures_.begin() + warm_up;
    for (auto figures = begin; figures != figures_.end(); ++figures)
        if (figures->descriptors != begin->descriptors || figures->threads != begin->threads)
            return point_ + ": " + begin->text() + " at first, then " + figures->text();
    const auto middle = begin + (figures_.end() - begin) / 2;
    const auto before = most_bytes(begin, middle);
    const auto after = most_bytes(middle, figures_.end());
    if (after > before + heap_slack)
        return point_ + ": at most " + std::to_string(before) + " bytes at first, then " +
               std::to_string(after);
    return {};
}

std::string Series::text() const {
    return point_ + ": " + figures_.back().text();
}

} // namespace lvmpolld::endurance
