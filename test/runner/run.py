# SPDX-License-Identifier: LGPL-2.1-or-later
"""One run: starts checks as the schedule says, waits for their ends, and shows what happens.

A single thread waits for the pidfds of the checks, for signals, and for the next deadline.
"""

import os
import selectors
import signal
import time

from check import Outcome, Totals, outcome_of
from process import Process

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Run:
    """Where it runs: `directory` is the top of the checkout, `logs` the folder of the logs."""

    def __init__(self, schedule, display, durations, directory, logs, keep_going):
        self.schedule = schedule
        self.display = display
        self.durations = durations
        self.directory = directory
        self.logs = logs
        self.keep_going = keep_going
        self.running = {}  # Process by name
        self.outcomes = {}  # Outcome by name, of the checks that have ended
        self.totals = Totals()
        self.signals = 0  # how many have asked for the end
        self.began = time.monotonic()
        self.selector = selectors.DefaultSelector()

    def play(self):
        """Returns the exit status."""
        with self._watched_signals():
            self._start_more()
            while self.running:
                self._wait()
                self._start_more()
        self.display.finished(self.outcomes, self._not_started(), self.totals, self.signals > 0)
        complete = self.signals == 0 and not self._not_started()
        return 0 if complete and self.totals.failed == 0 and self.totals.passed > 0 else 1

    def _watched_signals(self):
        return WakeupPipe(self.selector, self._on_signal)

    def _on_signal(self):
        """The first signal asks the checks to end, the second kills them."""
        self.signals += 1
        for process in self.running.values():
            if self.signals == 1:
                process.terminate()
            else:
                process.kill()

    def _start_more(self):
        self._give_up_unreachable()
        if self.signals == 0 and (self.keep_going or self.totals.failed == 0):
            for check in self.schedule.next(self._elapsed(), self._ended()):
                self._start(check)

    def _give_up_unreachable(self):
        while unreachable := self.schedule.unreachable(self._ended()):
            for check, need in unreachable:
                self._record(check, Outcome(failed=1, note=f"not run: it needs {need}"))

    def _start(self, check):
        log = os.path.join(self.logs, check.name + ".log")
        try:
            process = Process(check, self.directory, log)
        except OSError as error:
            self._record(check, Outcome(failed=1, note=f"{check.command[0]}: {error.strerror}"))
            return
        self.running[check.name] = process
        self.selector.register(process.pidfd, selectors.EVENT_READ, process)
        self.display.started(check, self.schedule.seconds[check.name])

    def _wait(self):
        self.display.update(self._status())
        deadline = min(process.deadline for process in self.running.values())
        timeout = min(self.display.period, max(deadline - time.monotonic(), 0))
        for key, _ in self.selector.select(timeout):
            if isinstance(key.data, Process):
                self._end(key.data)
            else:
                key.data()
        for process in self.running.values():
            process.enforce()

    def _end(self, process):
        self.selector.unregister(process.pidfd)
        seconds = process.elapsed
        status, processor_seconds = process.reap()
        del self.running[process.check.name]
        note = f"time limit of {process.check.limit:.0f} s" if process.late else ""
        if self.signals:
            return  # it was ended, which says nothing about it
        with open(process.log_path, errors="replace") as log:
            outcome = outcome_of(log.read(), status, seconds, processor_seconds, note)
        if outcome.is_good:
            self.durations.record(process.check.name, seconds)
        self._record(process.check, outcome)

    def _record(self, check, outcome):
        self.outcomes[check.name] = outcome
        self.totals.add(outcome, check.reported_only)
        self.display.ended(check, outcome, self._status())

    def _elapsed(self):
        return {name: process.elapsed for name, process in self.running.items()}

    def _ended(self):
        return {name: outcome.is_good for name, outcome in self.outcomes.items()}

    def _not_started(self):
        return [name for name in self.schedule.checks if name not in self.outcomes]

    def _status(self):
        elapsed, ended = self._elapsed(), self._ended()
        return Status(elapsed, self.schedule.seconds, len(self._not_started()) - len(elapsed),
                      time.monotonic() - self.began, self.schedule.remaining(elapsed, ended))


class Status:
    """What the display shows of a moment; durations in seconds."""

    def __init__(self, running, expected, waiting, elapsed, remaining):
        self.running = running  # elapsed by name
        self.expected = expected  # by name
        self.waiting = waiting  # number of checks that have not started
        self.elapsed = elapsed
        self.remaining = remaining


class WakeupPipe:
    """Makes signals readable events of a selector, while it is entered."""

    def __init__(self, selector, callback):
        self.selector = selector
        self.callback = callback

    def __enter__(self):
        self.reader, self.writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self.selector.register(self.reader, selectors.EVENT_READ, self._read)
        self.before = {number: signal.signal(number, lambda *_: None) for number in STOPPING}
        signal.set_wakeup_fd(self.writer)

    def _read(self):
        for _ in os.read(self.reader, 64):
            self.callback()

    def __exit__(self, *_):
        signal.set_wakeup_fd(-1)
        for number, handler in self.before.items():
            signal.signal(number, handler)
        self.selector.unregister(self.reader)
        os.close(self.reader)
        os.close(self.writer)
