// SPDX-License-Identifier: LGPL-2.1-or-later
//
//     byte 0         records are missing
//     word 1         the format of the words behind it; 0: an earlier version's file, or a new one
//     words 2 to 7   the members of CrashHistory
//     words 8 to 12  the boot's ID that they belong to
//     words 13, 14   more of the members; 0 in a file of an earlier version
#include "state/state_marks.h"

#include "base/file_descriptor.h"
#include "state/boot_id.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace lvmpolld {

namespace {

constexpr std::uint64_t marks_format = 1;

struct Word {
    enum Index : std::size_t { format = 1, runs, at_hand, crashes, last_crash, accused, deaths };

    static constexpr std::size_t boot = 8;
    static constexpr std::size_t boot_words = 5;
    static constexpr std::size_t faults = boot + boot_words;
    static constexpr std::size_t own_fault = faults + 1;
};

using Words = std::array<std::uint64_t, StateMarks::bytes / sizeof(std::uint64_t)>;
using Boot = std::array<std::uint64_t, Word::boot_words>;

Boot boot_of(std::string_view id) noexcept {
    Boot boot{};
    std::memcpy(boot.data(), id.data(), std::min(id.size(), sizeof boot));
    return boot;
}

/// The words are stored one by one, in the order of the program.
void put(std::uint64_t& word, std::uint64_t value) noexcept {
    std::atomic_ref(word).store(value);
}

std::atomic_ref<char> missing_byte(Words& words) noexcept {
    return std::atomic_ref(*reinterpret_cast<char*>(words.data()));
}

StateMarks::History history_in(const Words& words, std::string_view boot) noexcept {
    if (words[Word::format] != 0 && words[Word::format] != marks_format)
        return StateMarks::UnknownFormat{words[Word::format]};
    const auto written_for = boot_of(boot);
    if (words[Word::format] == 0 ||
        !std::equal(written_for.begin(), written_for.end(), words.begin() + Word::boot))
        return CrashHistory{};
    return CrashHistory{.runs = words[Word::runs] != 0,
                        .at_hand = words[Word::at_hand],
                        .crashes = words[Word::crashes],
                        .last_crash = static_cast<std::int64_t>(words[Word::last_crash]),
                        .accused = words[Word::accused],
                        .deaths = words[Word::deaths],
                        .faults = words[Word::faults],
                        .own_fault = words[Word::own_fault] != 0};
}

} // namespace

StateMarks::~StateMarks() {
    const auto& words = *words_.load();
    if (words[Word::runs] != 0 && words[Word::at_hand] != nothing_taken_up)
        note_fault(); // an exception ends the process
    if (words_ != &own_)
        ::munmap(words_, bytes);
}

void StateMarks::open(int directory) noexcept {
    const FileDescriptor file(
        ::openat(directory, file_name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file ||
        ::posix_fallocate(file.get(), 0, bytes) != 0) // without its block nothing can be stored
        return;
    void* const place = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (place == MAP_FAILED)
        return;
    words_ = static_cast<Words*>(place);
    if (missing_byte(own_).load() != 0)
        set_missing(true);
}

bool StateMarks::is_missing() const noexcept {
    return missing_byte(*words_.load()).load() != 0;
}

void StateMarks::set_missing(bool missing) noexcept {
    Words* words = nullptr;
    do { // the file may be opened meanwhile
        words = words_;
        missing_byte(*words).store(missing ? 1 : 0);
    } while (words_ != words);
}

StateMarks::History StateMarks::history(std::string_view boot) const noexcept {
    return history_in(*words_.load(), boot);
}

void StateMarks::store(const CrashHistory& history, std::string_view boot) noexcept {
    auto& words = *words_.load();
    put(words[Word::format], 0);
    put(words[Word::runs], history.runs ? 1 : 0);
    put(words[Word::at_hand], history.at_hand);
    put(words[Word::crashes], history.crashes);
    put(words[Word::last_crash], static_cast<std::uint64_t>(history.last_crash));
    put(words[Word::accused], history.accused);
    put(words[Word::deaths], history.deaths);
    put(words[Word::faults], history.faults);
    put(words[Word::own_fault], history.own_fault ? 1 : 0);
    const auto written_for = boot_of(boot);
    for (std::size_t word = 0; word < Word::boot_words; ++word)
        put(words[Word::boot + word], written_for[word]);
    put(words[Word::format], marks_format);
    is_stored_ = true;
}

void StateMarks::take_up(TakenUp file) noexcept {
    put((*words_.load())[Word::at_hand], file);
}

void StateMarks::end() noexcept {
    put((*words_.load())[Word::runs], 0);
}

void StateMarks::note_fault() noexcept {
    if (is_stored_)
        put((*words_.load())[Word::own_fault], 1);
}

std::optional<StateMarks::History> read_crash_history(const std::string& path) {
    const auto name = path + "/" + StateMarks::file_name;
    const FileDescriptor file(::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    Words words{};
    if (!file || ::read(file.get(), words.data(), sizeof words) < 0)
        return std::nullopt;
    return history_in(words, boot_id());
}

} // namespace lvmpolld
