// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The daemon under a heavy load for a long time: 1,000 clients and 10,000 operations in progress,
// again and again, through its real sockets, threads and state directory, on a simulated kernel.
// Each client is told the truth, and the process has the same at the same point of each cycle: see
// figures.h.
#include "cycle.h"

#include <signal.h>
#include <sys/resource.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

using namespace lvmpolld::endurance;

namespace {

constexpr const char* usage = "Usage: endurance [--seconds N | --minutes N] [--clients N]\n"
                              "                 [--operations N] [--directory PATH]\n";

struct Options {
    std::chrono::seconds time{90};
    std::size_t clients = 1000;
    std::size_t operations = 10'000;
    std::string directory = "/dev/shm";
};

std::size_t number_of(std::string_view text) {
    std::size_t number = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc() ||
        number == 0)
        throw std::runtime_error(usage);
    return number;
}

Options parse(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; i += 2) {
        const std::string_view name = argv[i];
        const std::string_view value = i + 1 < argc ? argv[i + 1] : "";
        if (name == "--seconds")
            options.time = std::chrono::seconds(number_of(value));
        else if (name == "--minutes")
            options.time = std::chrono::minutes(number_of(value));
        else if (name == "--clients")
            options.clients = number_of(value);
        else if (name == "--operations")
            options.operations = number_of(value);
        else if (name == "--directory")
            options.directory = value;
        else
            throw std::runtime_error(usage);
    }
    if (options.operations % options.clients != 0)
        throw std::runtime_error("each client needs the same number of operations");
    return options;
}

/// A directory of its own, gone with it.
class Folder {
public:
    explicit Folder(const std::string& parent) : path_(parent + "/lvmpolld.XXXXXX") {
        if (::mkdtemp(path_.data()) == nullptr)
            throw std::runtime_error("cannot make " + path_);
    }

    ~Folder() { std::filesystem::remove_all(path_); }

    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    const std::string& path() const { return path_; }

private:
    std::string path_;
};

void raise_descriptor_limit() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

int run(const Options& options) {
    const auto start = std::chrono::steady_clock::now();
    const Folder folder(options.directory);
    Volumes volumes(options.operations, options.operations / options.clients);
    LoadedDaemon daemon(folder.path(), volumes);
    Series busy("all in progress");
    Series idle("at rest");
    std::size_t cycles = 0;
    Cycle cycle(daemon, volumes, options.clients);
    while (std::chrono::steady_clock::now() - start < options.time || cycles < 8) {
        cycle.run(busy, idle);
        ++cycles;
    }
    int failed = 0;
    for (const auto* series : {&busy, &idle}) {
        std::printf("%s\n", series->text().c_str());
        const auto problem = series->problem();
        if (problem.empty())
            continue;
        std::printf("FAILED: %s\n", problem.c_str());
        ++failed;
    }
    std::printf("%zu cycles, %zu operations of %zu clients\n%d passed, %d failed\n", cycles,
                cycles * options.operations, options.clients, 2 - failed, failed);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

} // namespace

int main(int argc, char** argv) {
    ::signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    try {
        return run(parse(argc, argv));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "FAILED: %s\n0 passed, 1 failed\n", error.what());
        return EXIT_FAILURE;
    }
}
