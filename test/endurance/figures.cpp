// SPDX-License-Identifier: LGPL-2.1-or-later
#include "figures.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <span>

namespace lvmpolld::endurance {

namespace {

std::size_t entries(const char* directory) {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(directory), {}));
}

std::size_t median_bytes(std::span<const Figures> figures) {
    std::vector<std::size_t> bytes;
    for (const auto& each : figures)
        bytes.push_back(each.bytes);
    const auto middle = bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 2);
    std::ranges::nth_element(bytes, middle);
    return *middle;
}

} // namespace

Figures Figures::now() {
    Figures figures;
    figures.objects = heap::live_objects();
    figures.bytes = heap::live_bytes();
    figures.survivors = heap::objects_of_old_generations(Series::warm_up);
    figures.descriptors = entries("/proc/self/fd") - 1; // that which lists them
    figures.threads = entries("/proc/self/task");
    return figures;
}

std::string Figures::text() const {
    return std::to_string(descriptors) + " descriptors, " + std::to_string(threads) + " threads, " +
           std::to_string(bytes) + " bytes in " + std::to_string(objects) + " objects, " +
           std::to_string(survivors) + " of them from earlier cycles";
}

std::string Series::problem() const {
    if (figures_.size() < warm_up + 2)
        return point_ + ": only " + std::to_string(figures_.size()) + " cycles";
    const auto measured = std::span(figures_).subspan(warm_up);
    const auto& first = measured.front();
    for (const auto& figures : measured)
        if (figures.descriptors != first.descriptors || figures.threads != first.threads ||
            figures.survivors > most_survivors)
            return point_ + ": " + first.text() + " at first, then " + figures.text();
    const auto half = measured.size() / 2;
    const auto before = median_bytes(measured.first(half));
    const auto after = median_bytes(measured.last(half));
    if (after > before + heap_slack + before / 1000)
        return point_ + ": a median of " + std::to_string(before) + " bytes at first, then " +
               std::to_string(after);
    return {};
}

std::string Series::text() const {
    return point_ + ": " + figures_.back().text();
}

} // namespace lvmpolld::endurance
