# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a daemon costs besides its answers: its start, its memory, and its doing nothing."""
import subprocess
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

from report import Row, Target
from server import PATIENCE, Contestants, Server, scratch

MEMORY_ROUNDS = 5  # at most: it hardly varies, and a round takes the reference 10 s
SETTLING = 1  # seconds until a daemon has gone on after strace stopped it


def cold_start(contestants: Contestants, options) -> list[Row]:
    """From exec to the first reply, under socket activation."""
    times = defaultdict(list)
    for turn in range(max(options.starts, options.rounds)):
        for who, program in contestants.items(turn):
            with scratch() as directory:
                times[who].append(one_start(contestants, program, directory)[0] / 1000)
    return [Row("cold-start", "exec to first reply: µs", times, (Target(0.75),))]


def one_start(contestants: Contestants, program: Path, directory: str,
              *options: str) -> tuple[int, str]:
    """The ns that it takes, and what the program logs."""
    path = f"{directory}/socket"
    command = [contestants.tool("cold_start"), path, program, "-f", "-s", path,
               "-p", f"{directory}/pid", "-B", contestants.tool("waiting_lvm"), *options]
    result = subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True,
                            text=True, timeout=PATIENCE)
    return int(result.stdout), result.stderr


def memory(contestants: Contestants, options) -> list[Row]:
    """Without an operation, and with many. The children are not counted.

    Pss has no target: the more processes of the machine share libc, the less of it is the
    reference's, while ours is linked statically.
    """
    loads = {"empty": ("no operation", 0, {"RSS": Target(1), "anonymous": Target(1)}),
             "loaded": (f"{options.operations:,} operations", options.operations,
                        {"RSS": Target(0.3), "anonymous": Target(0.167)})}
    figures = defaultdict(lambda: defaultdict(list))
    for _ in range(min(options.rounds, MEMORY_ROUNDS)):
        for key, (_, operations, _) in loads.items():
            for who, program in contestants.daemons() if operations else contestants.items():
                with contestants.server(program) as server:
                    server.start_operations(operations)
                    for kind, kibibytes in server.memory().items():
                        figures[key, kind][who].append(kibibytes)

    def row(key: str, kind: str, values: dict[str, list[float]]) -> Row:
        name, _, targets = loads[key]
        return Row(f"memory-{key}-{kind.lower()}", f"{name}: {kind} KiB", values,
                   (targets[kind],) if kind in targets else ())

    return [row(*what, values) for what, values in figures.items()]


def idle(contestants: Contestants, options) -> list[Row]:
    """System calls of a daemon that was asked once, without and with the unit's idle exit."""
    kinds = {"idle": ("idle", []), "idle-timeout": ("idle, -t 60", ["-t", "60"])}
    with ExitStack() as stack:
        watches = {}
        for key, (_, arguments) in kinds.items():
            for who, program in contestants.items():
                server = stack.enter_context(contestants.server(program, *arguments))
                watches[key, who] = stack.enter_context(SystemCalls(server, options.idle))
        calls = {key: watch.count() for key, watch in watches.items()}
    return [Row(key, f"{name}: system calls in {options.idle:g} s",
                {who: [calls[key, who]] for who, _ in contestants.items()}, (Target(0, of=None),))
            for key, (name, _) in kinds.items()]


class SystemCalls:
    """Those that a server makes from SETTLING seconds after the attachment of strace on."""

    def __init__(self, server: Server, seconds: float):
        self.seconds = seconds
        self.output = f"{server.directory.name}/strace"
        self.command = ["strace", "-f", "-ttt", "-o", self.output, "-p", str(server.pid)]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, text=True)
        attached = self.process.stderr.readline()
        if "attached" not in attached:
            raise RuntimeError(attached)
        self.begin = time.time() + SETTLING
        return self

    def __exit__(self, *_):
        self._stop()

    def _stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)

    def count(self) -> int:
        end = self.begin + self.seconds
        try:
            self.process.wait(end - time.time())
            raise RuntimeError("the server has ended")
        except subprocess.TimeoutExpired:
            self._stop()
        lines = [line.split() for line in Path(self.output).read_text().splitlines()]
        return sum(1 for _, moment, what, *_ in lines
                   if self.begin <= float(moment) <= end and what != "<...")
