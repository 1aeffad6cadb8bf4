# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a shell is too slow to measure: it forks, which is expensive in User Mode Linux, and reads
its clock late.

    pvmove-bench.py spawn COUNT PROGRAM [ARGUMENT...]
        Runs it so often; for each run the ms from before posix_spawn(3) until it was waited for.
    pvmove-bench.py events DEVICE
        The seconds of CLOCK_MONOTONIC of each event of the device, until it is gone.
"""
import fcntl
import os
import struct
import sys
import time

# Of <linux/dm-ioctl.h>.
STATUS, WAIT = 0xC138FD07, 0xC138FD08
HEADER = struct.Struct("=3I7IQ128s129s7x")
EVENT_NUMBER = 8  # which of the header's fields
BUFFER_BYTES = 16384  # the status of all targets follows the header


def spawn(count: int, command: list[str]) -> None:
    silence = [(os.POSIX_SPAWN_OPEN, number, "/dev/null", os.O_RDWR, 0) for number in (1, 2)]
    for _ in range(count):
        begin = time.monotonic()
        process = os.posix_spawn(command[0], command, os.environ, file_actions=silence)
        _, status = os.waitpid(process, 0)
        print(f"{1000 * (time.monotonic() - begin):.3f}")
        if status != 0:
            raise SystemExit(f"{command}: status {status}")


def ask(control: int, request: int, device: str, event_number: int = 0) -> int:
    """The event number of the device; WAIT waits until it is another one than that."""
    header = HEADER.pack(4, 0, 0, BUFFER_BYTES, HEADER.size, 0, 0, 0, event_number, 0, 0,
                         device.encode(), b"")
    buffer = bytearray(header.ljust(BUFFER_BYTES, b"\0"))
    fcntl.ioctl(control, request, buffer)
    return HEADER.unpack_from(buffer)[EVENT_NUMBER]


def events(device: str) -> None:
    # There is one CPU: without a higher priority the daemon would run before this process.
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    control = os.open("/dev/mapper/control", os.O_RDWR)
    moments = []  # shown at the end, lest the daemon wait for it
    try:
        number = ask(control, STATUS, device)
        while True:
            number = ask(control, WAIT, device, number)
            moments.append(time.monotonic())
    except OSError:  # it is gone
        print(*(f"{moment:.6f} event" for moment in moments), sep="\n")


if sys.argv[1] == "spawn":
    spawn(int(sys.argv[2]), sys.argv[3:])
else:
    events(sys.argv[2])
