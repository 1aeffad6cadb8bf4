# SPDX-License-Identifier: LGPL-2.1-or-later
"""Windows of time with and without events of device-mapper, in which the daemon is stopped
(SIGSTOP) or runs.

    events-bench.py DAEMON ROUNDS SECONDS RATE

bench/events, outside, measures what the guest costs from each "begin KIND EVENTS" to the
"end WAKE-UPS" behind it.
"""
import fcntl
import os
import signal
import struct
import sys
import time
from pathlib import Path

RENAME = 0xC138FD05  # DM_DEV_RENAME of <linux/dm-ioctl.h>
HEADER = struct.Struct("=3I7IQ128s129s7x")
NAME_BYTES = 128


class Bystanders:
    """Devices that nobody watches. Their cheapest event is that of a rename: one request, no I/O,
    no process."""

    def __init__(self):
        self.names = [path.name for path in Path("/dev/mapper").glob("bystanders-*")]
        self.raised = 0
        self.control = os.open("/dev/mapper/control", os.O_RDWR)

    def raise_event(self) -> None:
        number = self.raised % len(self.names)
        old = self.names[number]
        new = old.removesuffix("_") if old.endswith("_") else old + "_"
        request = HEADER.pack(4, 0, 0, HEADER.size + NAME_BYTES, HEADER.size, 0, 0, 0, 0, 0, 0,
                              old.encode(), b"")
        parameter = new.encode().ljust(NAME_BYTES, b"\0")
        fcntl.ioctl(self.control, RENAME, bytearray(request + parameter))
        self.names[number] = new
        self.raised += 1


def wake_ups(process: int) -> int:
    """How often its threads have waited so far."""
    threads = Path(f"/proc/{process}/task").glob("*/status")
    lines = "".join(status.read_text() for status in threads).splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches"))


def wait_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))


def window(bystanders: Bystanders, rate: float, seconds: float) -> None:
    begin = time.monotonic()
    for number in range(1, round(rate * seconds) + 1):
        wait_until(begin + number / rate)
        bystanders.raise_event()
    wait_until(begin + seconds)
    elapsed = time.monotonic() - begin
    if elapsed > 1.05 * seconds:
        raise SystemExit(f"{rate:g} events/s for {seconds:g} s took {elapsed:.1f} s: "
                         "the guest is too slow")


def main() -> None:
    process, rounds = map(int, sys.argv[1:3])
    seconds, rate = map(float, sys.argv[3:])
    bystanders = Bystanders()
    kinds = {"without": signal.SIGSTOP, "with": signal.SIGCONT}
    for turn in range(rounds):
        for events in 0, rate:
            for kind in sorted(kinds, reverse=turn % 2 == 0):
                os.kill(process, kinds[kind])
                before = wake_ups(process)
                print(f"begin {kind} {events:g}", flush=True)
                window(bystanders, events, seconds)
                print(f"end {wake_ups(process) - before}", flush=True)
    os.kill(process, signal.SIGCONT)


main()
