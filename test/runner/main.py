# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the project's checks beside each other and ends with one line, `N passed, N failed`."""

import argparse
import os
import sys

from check import FAST, FULL
from checks import table
from display import Lines, Terminal, clock
from durations import Durations
from run import Run
from schedule import Schedule
from selection import select

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))


def parse_options(arguments):
    parser = argparse.ArgumentParser(
        prog="scripts/test", description=__doc__,
        epilog="CONTRIBUTING.md says what each check is for and how long it takes.")
    parser.add_argument("--all", action="store_true",
                        help="every check; without it those that a person can wait for")
    parser.add_argument("--only", action="append", default=[], metavar="PATTERN",
                        help="the checks of this name, of all, and what they need; "
                             "a shell pattern such as 'lab-*'; may be given several times")
    parser.add_argument("--list", action="store_true", help="show the checks and run none")
    parser.add_argument("--keep-going", action="store_true",
                        help="start further checks after one has failed; --all always does")
    parser.add_argument("--reference", action="store_true",
                        help="run lvm2's own daemon in every scenario of the lab, and not only "
                             "in those that have changed")
    parser.add_argument("--require", action="store_true",
                        help="fail if Debian 13 cannot be had; without it, that is skipped")
    parser.add_argument("--jobs", type=int, metavar="N", default=len(os.sched_getaffinity(0)),
                        help="cores to use (default: those of the machine)")
    options = parser.parse_args(arguments)
    if options.jobs < 1:
        parser.error("--jobs: at least 1")
    return options


def show(checks, seconds, schedule):
    for check in checks:
        which = "" if FAST in check.sets else "  --all"
        print(f"{check.name:<26}{seconds[check.name]:>5.0f} s {check.cores:>5.1f} cores{which}")
    print(f"{len(checks)} checks, about {clock(schedule.remaining({}, {}))}")


def main(arguments):
    options = parse_options(arguments)
    logs = os.path.join(ROOT, "build", "logs")
    os.makedirs(logs, exist_ok=True)
    os.chdir(ROOT)
    try:
        checks = select(table(options.jobs, options.reference, options.require),
                        FULL if options.all else FAST, options.only)
    except ValueError as error:
        sys.exit(f"scripts/test: --only: {error}")
    durations = Durations(logs)
    seconds = durations.expected(checks)
    schedule = Schedule(checks, seconds, options.jobs)
    if options.list:
        show(checks, seconds, schedule)
        return 0
    display = (Terminal if sys.stdout.isatty() else Lines)(sys.stdout, logs)
    return Run(schedule, display, durations, ROOT, logs, options.keep_going or options.all).play()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
