# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a person sees of a run: a line for each check that ends, and what runs.

On a terminal the checks that run are the last lines, rewritten in place; elsewhere a check has one
line at its start and one at its end.
"""

import os
import shutil
from collections import deque


def clock(seconds):
    """Minutes and seconds, m:ss."""
    seconds = round(seconds)
    return f"{seconds // 60}:{seconds % 60:02}"


def progress_text(status):
    parts = [f"{len(status.running)} running", f"{status.waiting} to go", clock(status.elapsed),
             f"about {clock(status.remaining)} left"]
    return ", ".join(parts)


def ended_text(check, outcome):
    word = "ok" if outcome.is_good else "note" if check.reported_only else "FAIL"
    note = f"  {outcome.note}" if outcome.note else ""
    return f"{word:<6}{check.name:<26}{outcome!s:<26}{clock(outcome.seconds):>6}" \
           f"{outcome.processor_seconds:>5.0f} s CPU{note}"


class Lines:
    """For a pipe or a file."""

    period = 3600.0  # seconds between two updates
    lines_of_failure = 100

    def __init__(self, stream, logs):
        self.stream = stream
        self.logs = logs

    def started(self, check, expected):
        self._print(f"start {check.name:<26}about {clock(expected)}")

    def update(self, status):
        """Where it goes on; each line has that already."""

    def ended(self, check, outcome, status):
        self._print(f"{ended_text(check, outcome)}   {progress_text(status)}")
        if not outcome.is_good:
            self._show_log(check.name)

    def finished(self, outcomes, not_started, totals, interrupted):
        """The closing line is the last one."""
        for name, outcome in outcomes.items():
            if not outcome.is_good:
                self._print(f"failed: {name}  ({self._log(name)})")
        if not_started:
            self._print(f"not run: {' '.join(not_started)}")
            if not interrupted:
                self._print("--keep-going runs the others after a failure, too")
        if interrupted:
            self._print("interrupted")
        self._print(str(totals))

    def _log(self, name):
        return os.path.relpath(os.path.join(self.logs, name + ".log"))

    def _show_log(self, name):
        try:
            with open(self._log(name), errors="replace") as log:
                tail = deque(log, self.lines_of_failure)
        except OSError:
            return
        self._print(f"--- the end of {self._log(name)}")
        self._print("".join(tail).rstrip("\n"))
        self._print("---")

    def _print(self, text):
        self.stream.write(text + "\n")
        self.stream.flush()


class Terminal(Lines):
    """With the running checks in place."""

    period = 1.0
    lines_of_failure = 30

    def __init__(self, stream, logs):
        super().__init__(stream, logs)
        self.shown = 0  # lines in place

    def started(self, check, expected):
        pass

    def update(self, status):
        self._erase()
        columns, rows = shutil.get_terminal_size()
        lines = [f"  ...   {name:<26}{clock(elapsed):>6} of about {clock(status.expected[name])}"
                 for name, elapsed in status.running.items()]
        lines = [line[:columns - 1] for line in [*lines, progress_text(status)]][-(rows - 1):]
        self.stream.write("".join(line + "\n" for line in lines))
        self.stream.flush()
        self.shown = len(lines)

    def ended(self, check, outcome, status):
        self._print(ended_text(check, outcome))
        if not outcome.is_good:
            self._show_log(check.name)

    def _erase(self):
        if self.shown:
            self.stream.write(f"\x1b[{self.shown}A\x1b[J")
            self.shown = 0

    def _print(self, text):
        self._erase()
        super()._print(text)
