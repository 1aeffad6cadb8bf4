# SPDX-License-Identifier: LGPL-2.1-or-later
"""Waits, each for an event and with a deadline; TimeoutError names what didn't come."""

import ctypes
import os
import select
import time

DEADLINE = 10.0  # seconds, of a single wait


class Failure(AssertionError):
    """The daemon didn't do what the test expects."""


def remaining(end, what):
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError(f"no {what} in time")
    return left


def until(what, holds, deadline=DEADLINE, pause=0.01):
    """Asks until it holds, and returns what that is."""
    end = time.monotonic() + deadline
    while not (result := holds()):
        if time.monotonic() > end:
            raise Failure(f"never: {what}")
        time.sleep(pause)
    return result


def readable(fd, seconds=0.0):
    poll = select.poll()  # select(2) fails for descriptors of 1024 and up
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def wait_readable(fd, end, what):
    if not readable(fd, remaining(end, what)):
        raise TimeoutError(f"no {what} in time")


_libc = ctypes.CDLL(None, use_errno=True)
_IN_CREATE, _IN_MOVED_TO, _IN_CLOEXEC = 0x100, 0x80, 0o2000000


def wait_for_path(path, deadline=DEADLINE, alive=lambda: True):
    """Until the path exists: inotify on its directory. Ends early when alive() turns false."""
    end = time.monotonic() + deadline
    watch = _libc.inotify_init1(_IN_CLOEXEC)
    try:
        _libc.inotify_add_watch(watch, os.path.dirname(path).encode(), _IN_CREATE | _IN_MOVED_TO)
        while not os.path.lexists(path):
            if not alive():
                raise Failure(f"the daemon ended before {path} appeared")
            if readable(watch, min(0.2, remaining(end, path))):
                os.read(watch, 65536)
    finally:
        os.close(watch)
