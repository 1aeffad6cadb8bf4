# SPDX-License-Identifier: LGPL-2.1-or-later
"""A check that runs: a process with a session of its own, which ends with all that it has started.

Some checks put processes (a virtual machine, a daemon) into further sessions. Those checks end them
when they get SIGTERM; so that comes first. What is left some seconds later is killed: whoever has
the mark of the check in its environment.
"""

import os
import select
import signal
import subprocess
import time

MARK = "LVMPOLLD_CHECK"
GRACE = 15.0  # seconds from SIGTERM to SIGKILL
LONGEST_EXEC = 5.0  # seconds


class Process:
    """Started by the constructor. All methods are called by one thread."""

    def __init__(self, check, directory, log_path):
        """Writes what the check prints to log_path. Raises OSError if it can not be started."""
        self.check = check
        self.log_path = log_path
        self.mark = f"{MARK}={os.getpid()}-{check.name}".encode()
        environment = dict(os.environ, **{MARK: f"{os.getpid()}-{check.name}"})
        with open(log_path, "wb") as log:
            self.child = subprocess.Popen(check.command, cwd=directory, env=environment,
                                          stdin=subprocess.DEVNULL, stdout=log,
                                          stderr=subprocess.STDOUT, start_new_session=True)
        self.pidfd = os.pidfd_open(self.child.pid)
        self.began = time.monotonic()
        self.deadline = self.began + check.limit  # of the next step towards its end
        self.ending = False
        self.late = False  # ended because of its time limit

    @property
    def elapsed(self):
        return time.monotonic() - self.began

    def enforce(self):
        """Ends the check if its limit has passed, and kills it if it has not obeyed."""
        if time.monotonic() < self.deadline:
            return
        if self.ending:
            self.kill()
        else:
            self.late = True
            self.terminate()

    def terminate(self):
        self.ending = True
        self.deadline = time.monotonic() + GRACE
        _signal_group(self.child.pid, signal.SIGTERM)

    def kill(self):
        self.ending = True
        self.deadline = float("inf")
        _signal_group(self.child.pid, signal.SIGKILL)
        self._kill_marked()

    def reap(self):
        """To be called once the pidfd is readable. Returns the exit status and the seconds of
        processor time that the check has used; nothing is left of it afterwards."""
        _, status, usage = os.wait4(self.child.pid, 0)
        self.child.returncode = os.waitstatus_to_exitcode(status)
        os.close(self.pidfd)
        self._kill_marked()
        return self.child.returncode, usage.ru_utime + usage.ru_stime

    def _kill_marked(self):
        while marked := [pid for pid in _processes() if self.mark in _environment(pid)]:
            for pid in marked:
                _kill_and_wait(pid)


def _signal_group(group, number):
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        pass


def _kill_and_wait(pid):
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        select.select([pidfd], [], [], 10)
    except ProcessLookupError:
        pass
    finally:
        os.close(pidfd)


def _processes():
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]


def _has_program(pid):
    """It is neither a kernel's thread nor a zombie."""
    try:
        return os.readlink(f"/proc/{pid}/exe") != ""
    except OSError:
        return False


def _image(pid):
    """What tells the program that runs from the one before or after it: where its code ends, and
    where its environment does (proc(5), stat, fields 27 and 51). None in the middle of an exec,
    when a process with a program has neither yet."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    if fields[24] == "0" and _has_program(pid):
        return None
    return fields[24], fields[48]


def _environment(pid):
    """Its NAME=VALUE strings; none if it has ended, or belongs to somebody else. The end of an exec
    is waited for: until then nothing can be read."""
    end = time.monotonic() + LONGEST_EXEC
    try:
        while True:
            before = _image(pid)
            with open(f"/proc/{pid}/environ", "rb") as file:
                words = file.read().split(b"\0")
            if before is not None and before == _image(pid) or time.monotonic() > end:
                return words
            time.sleep(0.001)  # no event tells of the end of an exec
    except OSError:
        return []
