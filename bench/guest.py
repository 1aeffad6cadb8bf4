# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs of the lab whose CPU time is measured from outside.

The scheduler's clock of User Mode Linux has steps of 10 ms, and who is woken by a timer and done before the next one has
cost nothing by it: the guest's utime, stime and schedstat are of no use. Therefore guest scripts stop (SIGSTOP) what is
measured and let it run in turn, each time between a line "begin ..." and a line "end ...", and what the whole guest takes
of this machine's CPUs meanwhile is compared.
"""
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

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
            if _fields_of(leader)[1] == str(run) and (leader / "comm").read_text().startswith("linux"):
                found.append(process)
        except (FileNotFoundError, ProcessLookupError):  # it has just gone
            continue
    return found


def _cpu_seconds(guest: list[Path]) -> float:
    return sum(int(task.read_text().split()[0]) for process in guest for task in process.glob("task/*/schedstat")) / 1e9


def run(script: str, *arguments: object, options: tuple = ()) -> Iterator[tuple[list[str], float, float]]:
    """Runs test/lab/guest/SCRIPT. Yields the words of each of its lines and, with an "end", the seconds since the
    "begin" and the share of a CPU that the guest took meanwhile. A guest that fails ends the program."""
    command = [LAB / "run", "--verbose", *map(str, options), LAB / "guest" / script, *map(str, arguments)]
    lines = []
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace") as process:
        for line in process.stdout:
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
