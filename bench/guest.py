# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs of the lab whose CPU time is measured from outside.

The scheduler's clock of User Mode Linux has steps of 10 ms. A process that a timer wakes and that
is done before the next step costs nothing by it: the guest's utime, stime and schedstat are of no
use. Therefore a guest script stops (SIGSTOP) what it measures and lets it run in turn, each time
between a line "begin ..." and a line "end ...", and this module compares what the whole guest takes
of this machine's CPUs meanwhile.
"""
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from cpus import put_first

LAB = Path(__file__).resolve().parent.parent / "test/lab"


def _fields_of(process: Path) -> list[str]:
    """From the state on, proc(5)."""
    return (process / "stat").read_text().rsplit(")", 1)[1].split()


def _guest_of(run: int) -> list[Path]:
    """The processes of User Mode Linux that test/lab/run has started, in a session of their own."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            fields = _fields_of(process)
            leader = Path("/proc") / fields[3]
            is_guest = (leader / "comm").read_text().startswith("linux")
            if is_guest and _fields_of(leader)[1] == str(run):
                found.append(process)
        except (FileNotFoundError, ProcessLookupError):  # it has just gone
            continue
    return found


def _cpu_seconds(guest: list[Path]) -> float:
    return sum(int(task.read_text().split()[0])
               for process in guest for task in process.glob("task/*/schedstat")) / 1e9


def run(script: str, *arguments: object,
        options: tuple = ()) -> Iterator[tuple[list[str], float, float]]:
    """Runs test/lab/guest/SCRIPT. Yields the words of each of its lines and, with an "end", the
    seconds since the "begin" and the share of a CPU that the guest took meanwhile. The guest is
    scheduled before the machine's other work. One that fails ends the program."""
    command = [LAB / "run", "--verbose", *map(str, options), LAB / "guest" / script,
               *map(str, arguments)]
    lines = []
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace") as process:
        for line in process.stdout:
            if not lines:
                with suppress(OSError):  # the kernel has no autogroups, or we are not root
                    put_first(_guest_of(process.pid)[0])
            lines.append(line)
            words = line.split()
            elapsed = share = 0.0
            if words[:1] == ["begin"]:
                guest = _guest_of(process.pid)
                begin, cpu = time.monotonic(), _cpu_seconds(guest)
            elif words[:1] == ["end"]:
                elapsed = time.monotonic() - begin
                share = (_cpu_seconds(guest) - cpu) / elapsed
            yield words, elapsed, share
    if process.returncode != 0:
        raise SystemExit("".join(lines) + "the guest has failed")
