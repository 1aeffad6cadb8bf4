// SPDX-License-Identifier: LGPL-2.1-or-later
#include "process/child.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>

namespace lvmpolld {

/// The reading end of a pipe; keeps itself alive until the last writer has closed it.
class Child::OutputPipe : public std::enable_shared_from_this<OutputPipe> {
public:
    OutputPipe(const asio::any_io_executor& executor, FileDescriptor descriptor, LineSplitter::Line line)
        : descriptor_(owner_of<asio::posix::stream_descriptor>(std::move(descriptor), executor)),
          lines_(std::move(line)) {}

    void start() {
        descriptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                               [self = shared_from_this()](const asio::error_code& error) {
                                   if (!error && self->drain())
                                       self->start();
                               });
    }

    /// Reads what there is, but no more than a pipe holds, so that one child can't keep the loop from the
    /// others. False at the end of the output.
    bool drain() {
        if (!descriptor_.is_open())
            return false;
        std::array<char, 16 * 1024> buffer;
        for (int chunk = 0; chunk < 4; ++chunk) {
            const auto count = ::read(descriptor_.native_handle(), buffer.data(), buffer.size());
            if (count < 0)
                return errno == EAGAIN || errno == EINTR || finish();
            if (count == 0)
                return finish();
            lines_.feed({buffer.data(), static_cast<std::size_t>(count)});
            if (static_cast<std::size_t>(count) < buffer.size())
                return true;
        }
        return true;
    }

private:
    bool finish() {
        lines_.finish();
        descriptor_.close();
        return false;
    }

    asio::posix::stream_descriptor descriptor_;
    LineSplitter lines_;
};

Child::Child(const asio::any_io_executor& executor, SpawnedProcess process, const Line& line, End end)
    : pid_(process.pid), pidfd_(owner_of<asio::posix::stream_descriptor>(std::move(process.pidfd), executor)),
      output_(std::make_shared<OutputPipe>(executor, std::move(process.output),
                                           [line](std::string_view text) { line(Stream::output, text); })),
      error_(std::make_shared<OutputPipe>(executor, std::move(process.error),
                                          [line](std::string_view text) { line(Stream::error, text); })),
      end_(std::move(end)) {
    output_->start();
    error_->start();
    wait_for_end();
}

Child::~Child() {
    *alive_ = false;
}

void Child::terminate() noexcept {
    ::syscall(SYS_pidfd_send_signal, pidfd_.native_handle(), SIGTERM, nullptr, 0);
}

void Child::wait_for_end() {
    pidfd_.async_wait(asio::posix::stream_descriptor::wait_read,
                      [this, alive = alive_](const asio::error_code& error) {
                          if (*alive && !error)
                              reap();
                      });
}

void Child::reap() {
    siginfo_t info{};
    if (::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(pidfd_.native_handle()), &info,
                 WEXITED | WNOHANG) != 0)
        return end_(Killed{SIGKILL}); // somebody else has reaped it; the true end can't be had
    if (info.si_pid == 0)
        return wait_for_end();
    output_->drain();
    error_->drain();
    const bool exited = info.si_code == CLD_EXITED;
    end_(exited ? ExitStatus(Exited{info.si_status}) : ExitStatus(Killed{info.si_status}));
}

} // namespace lvmpolld
