// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/limits.h"
#include "base/statistics.h"
#include "daemon/loop_context.h"
#include "daemon/record_wait.h"
#include "daemon/service.h"
#include "daemon/take_up.h"
#include "engine/adoption.h"
#include "engine/monitor.h"
#include "launcher.h"
#include "operation/recent_results.h"
#include "session.h"
#include "simulated_kernel.h"
#include "state/record_writer.h"
#include "state/state_directory.h"
#include "trust/copy_errors.h"

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lvmpolld::simulation {

class World;

/// One life of the daemon: what daemon/server.h and daemon/monitor_thread.h put together, on the
/// edges of the simulated world. Its two event loops run in turns, in an order left to chance.
class Daemon {
public:
    /// Throws what the real start would fail with.
    Daemon(World& world, unsigned number);
    ~Daemon();
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    /// Goes on with what an earlier daemon has left, and with the connections that were kept.
    void take_up(const std::vector<std::shared_ptr<Connection>>& kept);

    void open(const std::shared_ptr<Connection>& connection);

    /// Something has happened to the connection.
    void wake(const Connection& connection);

    /// Lets the loops do all that can be done now.
    void run_ready();

    /// It is killed at its next effect but `effects`.
    void kill_after(unsigned effects) { effects_left_ = effects; }

    /// Likewise, by a fault of its own.
    void fail_after(unsigned effects) {
        effects_left_ = effects;
        fails_ = true;
    }

    /// It is its own fault if it dies.
    bool fails() const { return fails_; }

    /// It is not killed any more.
    void spare() {
        effects_left_.reset();
        fails_ = false;
    }

    /// It is killed now, whatever it does.
    void die(const std::string& before);

    bool is_dead() const { return dead_; }

    /// An event of some device.
    void raise() { kernel_.raise(); }

    /// Somebody looks at all operations, as daemon/survey.h does, and asks for the dump.
    void observe();

    void stop();

    bool is_stopping() const { return stopping_since_.has_value(); }

    Time stopping_since() const { return *stopping_since_; }

    bool has_stopped() const { return stopped_; }

    /// An effect is about to take place. False: the daemon is dead, and it does not.
    bool may_act(const std::string& what);

    World& world() { return world_; }

    Service& service() { return service_; }

    Store& store(bool abort) { return abort ? aborts_ : polls_; }

    LoopContext& control() { return control_; }

    RecordWait& record_wait() { return control_wait_; }

    std::size_t in_progress() { return polls_.in_progress() + aborts_.in_progress(); }

    std::size_t sessions() const { return sessions_.size(); }

    bool is_idle();

    Trust& trust() { return watching_.trust; }

    Service::Reply answer(std::string_view message, lvmpolld::Claims& claims);

    /// A result was told, whose record is still to be brought up to date.
    void note_answer(const Connection& connection, const std::string& key);

    /// The answers whose records are not written yet.
    const std::vector<std::string>& unsettled() const { return unsettled_; }

    /// Calls it after a delay, unless this life is over by then.
    void later(Duration delay, std::function<void()> action);

private:
    /// Timers go off in virtual time.
    class LoopClock final : public Clock {
    public:
        explicit LoopClock(Daemon& daemon) : daemon_(daemon) {}

        void arm(asio::steady_timer& timer, TimePoint deadline) override;

    private:
        Daemon& daemon_;
    };

    class DaemonLog final : public Log {
    public:
        explicit DaemonLog(Daemon& daemon) : daemon_(daemon) {}

        bool enabled(LogLevel level) const noexcept override;
        void write(LogLevel level, std::string message) noexcept override;

    private:
        Daemon& daemon_;
    };

    void note_trouble();
    void write_records();
    bool write_one();
    void start(std::shared_ptr<Operation> operation);
    void adopt(PollRequest request);
    asio::awaitable<void, RecordWait::Executor>
    start_recorded(std::shared_ptr<Operation> operation);
    std::optional<SpawnFailure> prepare(Process& process);
    std::jthread compare_beside(std::function<void()> work, const std::stop_token& stop);
    verify::Outcome compare(const dm::Copy& copy, const std::stop_token& stop);
    Watching watching(Records* records);
    void check_idle();

    World& world_;
    const unsigned number_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    bool dead_ = false;
    bool stopped_ = false;
    std::optional<Time> stopping_since_;
    std::optional<unsigned> effects_left_;
    bool fails_ = false; ///< then
    std::optional<Time> idle_since_;
    bool writes_ = false;
    std::vector<std::string> unsettled_;

    LoopContext control_{1};
    LoopContext loop_{1};
    LoopClock clock_{*this};
    DaemonLog log_{*this};
    StateDirectory state_;
    RecordWriter records_;
    RecentResults recent_{limits::recent_results, std::make_shared<Statistics>()};
    std::uint64_t seen_results_ = 0; ///< by who watches
    Store polls_;
    Store aborts_;
    Service service_;
    RecordWait control_wait_;
    RecordWait monitor_wait_;
    SimulatedKernel kernel_;
    Launcher launcher_;
    KernelWatch events_;
    CopyErrors errors_;
    Watching watching_;
    Monitor monitor_;
    std::optional<Adoption> adoption_;
    SessionNumber last_session_ = 0;
    std::list<std::shared_ptr<Session>> sessions_;
};

} // namespace lvmpolld::simulation
