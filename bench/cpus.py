# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which CPU this process and what it starts from now on runs on, and before whom."""
import os
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def one_cpu():
    """On one. On several, the scheduler's choice of a place for client and server decides: the same
    server answers one client 25,000 or 90,000 times a second."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def put_first(process: Path) -> str:
    """Has the session of this directory of /proc scheduled before all others, sched(7), "The
    autogroup feature"; its nice value so far. A process's own nice value counts only within its
    session."""
    group = process / "autogroup"
    nice = group.read_text().split()[-1]
    group.write_text("-20")
    return nice


@contextmanager
def before_others():
    """This session before the machine's other work, which slows a server of few threads down more
    than one of many."""
    process = Path("/proc/self")
    try:
        nice = put_first(process)
    except OSError:  # the kernel has no autogroups, or we are not root
        yield
        return
    try:
        yield
    finally:
        (process / "autogroup").write_text(nice)
