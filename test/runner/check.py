# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a check is, and what comes of it."""

import re
from dataclasses import dataclass

FAST, FULL = "fast", "all"  # the two sets of checks: scripts/test, and scripts/test --all


@dataclass(frozen=True)
class Check:
    """One command whose exit status and last counts are a verdict."""

    name: str
    command: tuple[str, ...]  # run in the top folder of the checkout
    seconds: float  # expected on two cores, with the checks beside it that usually are
    cores: float = 1.0  # that it keeps busy on average; a check that mostly waits has a fraction
    needs: tuple[str, ...] = ()  # checks that must have passed before
    after: tuple[str, ...] = ()  # checks that must have ended before, if they are part of the run
    sets: tuple[str, ...] = (FAST, FULL)
    limit: float = 1500  # seconds after which it is ended and has failed
    reported_only: bool = False  # its failures are shown, but do not fail the run


@dataclass(frozen=True)
class Outcome:
    """What one check said of itself. A check without counts counts as one."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    processor_seconds: float = 0.0
    note: str = ""  # why it failed, where that is not in its log

    @property
    def is_good(self):
        return self.failed == 0

    def __str__(self):
        return counts_text(self.passed, self.failed, self.skipped)


def counts_text(passed, failed, skipped):
    return f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else "")


COUNTS = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$", re.MULTILINE)


def outcome_of(output, status, seconds, processor_seconds=0.0, note=""):
    """The counts are those of the last line of OUTPUT that has some. A bad exit STATUS without a
    counted failure is one failure."""
    counts = COUNTS.findall(output)
    if counts:
        passed, failed, skipped = (int(number or 0) for number in counts[-1])
    else:
        passed, failed, skipped = int(status == 0), int(status != 0), 0
    if status != 0 and failed == 0:
        failed = 1
    return Outcome(passed, failed, skipped, seconds, processor_seconds, note)


@dataclass
class Totals:
    """The sums for the closing line."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, outcome, reported_only=False):
        self.passed += outcome.passed
        self.failed += 0 if reported_only else outcome.failed
        self.skipped += outcome.skipped

    def __str__(self):
        return counts_text(self.passed, self.failed, self.skipped)
