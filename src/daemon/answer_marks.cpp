// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/answer_marks.h"

#include "base/file_descriptor.h"
#include "state/state_directory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace lvmpolld {

namespace {

constexpr std::size_t file_size = AnswerMarks::threads * sizeof(AnswerMarks::Mark);

void* map_file(const std::string& directory) {
    const auto path = directory + "/" + StateDirectory::answer_marks_name;
    const FileDescriptor file(
        ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file || ::ftruncate(file.get(), file_size) != 0 ||
        ::posix_fallocate(file.get(), 0, file_size) != 0)
        return MAP_FAILED;
    return ::mmap(nullptr, file_size, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
}

} // namespace

AnswerMarks::AnswerMarks(const std::string& directory) {
    void* const place = directory.empty() ? MAP_FAILED : map_file(directory);
    if (place == MAP_FAILED)
        return;
    marks_ = std::span<Mark, threads>(static_cast<Mark*>(place), threads);
    for (auto& mark : marks_)
        if (const auto session = mark.exchange(0))
            interrupted_.insert(session);
}

AnswerMarks::~AnswerMarks() {
    if (marks_.data() != own_.data())
        ::munmap(marks_.data(), file_size);
}

} // namespace lvmpolld
