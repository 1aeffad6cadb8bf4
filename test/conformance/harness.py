# SPDX-License-Identifier: LGPL-2.1-or-later
"""A daemon under test, its clients, and the puppets that stand for `lvm lvpoll`.

Every wait is for an event and has a deadline; TimeoutError names what didn't come.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

TERMINATOR = b"\n##\n"
DEADLINE = 10.0  # seconds, of a single wait


class Failure(AssertionError):
    """The daemon didn't do what the test expects."""


def remaining(end, what):
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError(f"no {what} in time")
    return left


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


class Client:
    """One connection to the daemon."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(path)
        self.received = b""

    def send(self, data):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # shows when the reply is read

    def ask(self, request, deadline=DEADLINE):
        """Sends one request and returns its reply, both as text without the terminator."""
        self.send(request.encode("latin-1") + TERMINATOR)
        return self.reply(deadline)

    def reply(self, deadline=DEADLINE):
        end = time.monotonic() + deadline
        while TERMINATOR not in self.received:
            if not self.receive(end, "reply"):
                raise Failure(f"connection closed instead of a reply, after {self.received!r}")
        reply, _, self.received = self.received.partition(TERMINATOR)
        return reply.decode("latin-1")

    def receive(self, end, what):
        wait_readable(self.socket, end, what)
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        self.received += data
        return data

    def expect_closed(self, deadline=DEADLINE):
        if self.received:
            raise Failure(f"expected the end of the connection, got {self.received!r}")
        if self.receive(time.monotonic() + deadline, "end of the connection"):
            raise Failure(f"expected the end of the connection, got {self.received!r}")

    def wait_dropped(self, deadline=DEADLINE):
        """Until the daemon has closed the connection, though nothing is read."""
        poll = select.poll()
        poll.register(self.socket, select.POLLRDHUP)
        if not poll.poll(deadline * 1000):
            raise TimeoutError("no end of the connection in time")

    def until_dropped(self, deadline=DEADLINE):
        """What was still on its way before the daemon closed the connection."""
        end = time.monotonic() + deadline
        while self.receive(end, "end of the connection"):
            pass
        return self.received.decode("latin-1")

    def expect_silence(self):
        """Nothing has come so far. Ask something on another connection first, to give it a chance."""
        if self.received or readable(self.socket):
            self.receive(time.monotonic() + 1, "data")
            raise Failure(f"expected no reply, got {self.received!r}")

    def result(self, request, deadline=DEADLINE):
        """Asks again until the operation is no longer in progress, as lvm does; returns that reply."""
        end = time.monotonic() + deadline
        while True:
            reply = self.ask(request, remaining(end, "result"))
            if '"in_progress"' not in reply:
                return reply
            time.sleep(0.002)  # the protocol has no event for this: lvm asks again, too

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def close(self):
        self.socket.close()


class Gone(Exception):
    """A process was ended before it could say who it is."""


class Puppet:
    """A running fake lvm, which does what it is told."""

    def __init__(self, connection):
        self.socket = connection
        self.received = b""
        record = self.line(time.monotonic() + DEADLINE, "record")
        if record is None:
            raise Gone
        self.record = json.loads(record)
        self.name = self.record["name"]
        self.pid = self.record["pid"]

    def line(self, end, what):
        """The next line, or None when the process has ended."""
        while b"\n" not in self.received:
            wait_readable(self.socket, end, what)
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                return None
            self.received += data
        line, _, self.received = self.received.partition(b"\n")
        return line.decode()

    def do(self, step, wait=True):
        """One step, see fake_lvm.cpp. Returns when it is done."""
        try:
            self.socket.sendall(step.encode() + b"\n")
        except (BrokenPipeError, ConnectionResetError):
            raise Failure(f"{self.name} has ended and can't do: {step}") from None
        if not wait:
            return
        if step.split()[0] in ("exit", "kill"):
            self.ended()
        elif (line := self.line(time.monotonic() + DEADLINE, f"end of {self.name}'s step {step}")) != "done":
            raise Failure(f"{self.name}: {step}: {'the process ended' if line is None else line}")

    def ended(self, deadline=DEADLINE):
        """Until the process has ended, for whatever reason."""
        if (line := self.line(time.monotonic() + deadline, f"end of {self.name}")) is not None:
            raise Failure(f"{self.name} is alive: {line}")

    def signalled(self, deadline=DEADLINE):
        """Until the daemon's SIGTERM has arrived (after the step `on-term tell`)."""
        line = self.line(time.monotonic() + deadline, f"SIGTERM for {self.name}")
        if line != "signal 15":
            raise Failure(f"{self.name} got no SIGTERM: {'it ended' if line is None else line}")

    def expect_alive(self):
        if self.received or readable(self.socket):
            raise Failure(f"{self.name} has ended or was signalled")

    @property
    def argv(self):
        return " ".join(self.record["argv"])

    @property
    def environment(self):
        return dict(entry.split("=", 1) for entry in self.record["environment"])


class Stage:
    """Where the puppets of one daemon report: the directory that FAKE_LVM_DIR names."""

    def __init__(self, directory):
        self.directory = directory
        os.makedirs(directory)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(os.path.join(directory, "control"))
        self.listener.listen(4096)
        self.arrived = []
        self.watch_for_two_at_once = True

    def direct_by_scripts(self):
        """In place of puppets: each fake lvm plays LVNAME.script and appends its record to a file."""
        os.unlink(os.path.join(self.directory, "control"))

    def recorded_runs(self):
        with open(os.path.join(self.directory, "runs")) as file:
            return [json.loads(line) for line in file]

    def next(self, name, deadline=DEADLINE):
        """The next run of lvpoll for this LV (`lv:abort` for a run with --abort)."""
        end = time.monotonic() + deadline
        while True:
            for puppet in self.arrived:
                if puppet.name == name:
                    self.arrived.remove(puppet)
                    return puppet
            wait_readable(self.listener, end, f"run of lvpoll for {name} (there are {[p.argv for p in self.arrived]})")
            self.accept()

    def accept(self):
        try:
            puppet = Puppet(self.listener.accept()[0])
        except Gone:
            return
        self.arrived.append(puppet)
        if self.watch_for_two_at_once and not puppet.record.get("alone", True):
            raise Failure(f"two at once poll {puppet.name}: {puppet.argv}")

    def expect_no_more(self):
        """No run that nobody waited for."""
        while readable(self.listener):
            self.accept()
        if self.arrived:
            raise Failure("unexpected run of lvpoll: " + ", ".join(puppet.argv for puppet in self.arrived))

    def close(self):
        self.listener.close()
        for puppet in self.arrived:
            puppet.socket.close()


class Daemon:
    """One daemon in a directory of its own, started on demand."""

    def __init__(self, program, fake_lvm):
        self.program = program
        self.fake_lvm = fake_lvm
        self.directory = tempfile.mkdtemp(prefix="lvmpolld.")
        self.socket = os.path.join(self.directory, "socket")
        self.pidfile = os.path.join(self.directory, "pidfile")
        self.stage = Stage(os.path.join(self.directory, "fake"))
        self.options = []
        self.all_arguments = None  # in place of the usual ones
        self.environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "FAKE_LVM_DIR": self.stage.directory}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]
        self.process = None
        self.clients = []
        self.puppets = []
        self.last_signal = None
        self.loses_signals = False  # as the reference does that arrive just before it waits
        self.background = None  # pidfd of a daemonized one
        self.log = ""
        self.logged = threading.Condition()
        self.reader = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.clean_up()

    def arguments(self):
        """The command line: every path a private one."""
        if self.all_arguments is not None:
            return self.all_arguments
        return ["-f", "-s", self.socket, "-p", self.pidfile, "-B", self.fake_lvm, *self.options]

    def start(self, *options, ready=True, **popen):
        """In the foreground; returns when the socket is there."""
        self.options += options
        self.launch([self.program, *self.arguments()], **popen)
        if ready:
            wait_for_path(self.socket, alive=lambda: self.process.poll() is None)
        return self

    def activate(self, *options):
        """Starts as the service manager does: the listening socket is descriptor 3."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(self.socket)
        os.chmod(self.socket, 0o600)
        listener.listen(128)
        descriptor = fcntl.fcntl(listener, fcntl.F_DUPFD, 100)
        listener.close()
        self.environment.update(SD_ACTIVATION="1", LISTEN_FDS="1", LISTEN_FDNAMES="lvmpolld.socket")
        self.launch(["/bin/bash", "-c", f'LISTEN_PID=$$ exec "$0" "$@" 3<&{descriptor} {descriptor}<&-',
                     self.program, *self.arguments(), *options], pass_fds=[descriptor])
        os.close(descriptor)
        return self

    def launch(self, command, **popen):
        self.process = subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **popen)
        self.reader = threading.Thread(target=self.read_log, args=(self.process.stderr,), daemon=True)
        self.reader.start()

    def read_log(self, pipe):
        while data := os.read(pipe.fileno(), 65536):
            with self.logged:
                self.log += data.decode("utf-8", "replace")
                self.logged.notify_all()

    def wait_for_log(self, pattern, deadline=DEADLINE):
        with self.logged:
            if not self.logged.wait_for(lambda: re.search(pattern, self.log, re.M), deadline):
                raise Failure(f"nothing in the log matches {pattern!r}")
            return re.search(pattern, self.log, re.M)

    def connect(self):
        """A new client. Between bind and listen, or where a stale socket is, it is refused and tries again."""
        end = time.monotonic() + DEADLINE
        while True:
            try:
                self.clients.append(Client(self.socket))
                return self.clients[-1]
            except (ConnectionRefusedError, FileNotFoundError):
                if self.process is not None and self.process.poll() is not None:
                    raise Failure("the daemon has ended") from None
                time.sleep(min(0.005, remaining(end, "listening socket")))

    def wait_for_dump(self, pattern, deadline=DEADLINE):
        """Asks until the dump matches."""
        end = time.monotonic() + deadline
        client = Client(self.socket)
        while not re.search(pattern, dump := client.ask('request="dump"')):
            if time.monotonic() > end:
                raise Failure(f"nothing in the dump matches {pattern!r}:\n{dump}")
            time.sleep(0.002)
        client.close()

    def puppet(self, name, deadline=DEADLINE):
        self.puppets.append(self.stage.next(name, deadline))
        return self.puppets[-1]

    @property
    def pid(self):
        return self.process.pid

    def send_signal(self, name="TERM"):
        self.last_signal = signal.Signals["SIG" + name]
        self.process.send_signal(self.last_signal)

    @contextlib.contextmanager
    def standing_still(self):
        """It does nothing meanwhile."""
        self.process.send_signal(signal.SIGSTOP)
        os.waitpid(self.pid, os.WUNTRACED)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def wait_exit(self, deadline=DEADLINE):
        """The exit code (negative: the signal)."""
        end = time.monotonic() + deadline
        while True:
            try:
                return self.process.wait(min(1, remaining(end, "end of the daemon")))
            except subprocess.TimeoutExpired:
                if self.loses_signals and self.last_signal is not None:
                    self.process.send_signal(self.last_signal)

    def daemonize(self):
        """Without -f; returns the parent's CompletedProcess."""
        done = self.run(*self.arguments()[1:])
        if done.returncode == 0:
            self.adopt()
        return done

    def adopt(self):
        """Takes the daemonized one, which the pidfile names, for the one under test."""
        wait_for_path(self.pidfile)
        end = time.monotonic() + DEADLINE
        while not (pid := self.read_pidfile()).endswith("\n"):
            remaining(end, "PID in the pidfile")
        self.background = os.pidfd_open(int(pid))

    def read_pidfile(self):
        with open(self.pidfile) as file:
            return file.read()

    def stop(self, deadline=DEADLINE):
        """SIGTERM, and exit code 0."""
        if self.background is not None:
            signal.pidfd_send_signal(self.background, signal.SIGTERM)
            wait_readable(self.background, time.monotonic() + deadline, "end of the daemon")
            return
        self.send_signal()
        if (code := self.wait_exit(deadline)) != 0:
            raise Failure(f"the daemon ended with {code} after SIGTERM")

    def end_well(self):
        """What every test ends with: the daemon, if it still runs, ends with 0, and no sanitizer has complained."""
        for client in self.clients:
            client.close()
        for puppet in self.puppets:
            puppet.socket.close()  # at end of file a puppet exits
        self.stage.close()
        if self.background is not None or (self.process is not None and self.process.poll() is None):
            self.stop(15)
        if self.reader is not None:
            self.reader.join(1)
        if match := re.search(r"^.*(Sanitizer|runtime error).*$", self.log, re.M):
            raise Failure(match[0])

    def run(self, *arguments, deadline=DEADLINE, **popen):
        """The program once more, to its end; returns a CompletedProcess."""
        popen.setdefault("env", self.environment)
        try:
            return subprocess.run([self.program, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                                  timeout=deadline, text=True, errors="replace", **popen)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"{' '.join(arguments)} didn't end in time") from None

    def expect_to_run_for(self, seconds):
        """It must not end in that time."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return
        raise Failure(f"the daemon ended with {code}")

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def has_thread_sanitizer(self):
        with open(self.program, "rb") as file:
            return b"__tsan_init" in file.read()

    def descriptors(self):
        return os.listdir(f"/proc/{self.pid}/fd")

    def settled_descriptors(self, client):
        """How many there are when clients that have gone are noticed: the same number ten times in a row."""
        counts = []
        end = time.monotonic() + DEADLINE
        while len(counts) < 10 or len(set(counts[-10:])) > 1:
            remaining(end, "constant number of descriptors")
            client.ask('request="hello"')
            time.sleep(0.002)
            counts.append(len(self.descriptors()))
        return counts[-1]

    def children(self):
        """PIDs of the daemon's children, zombies included."""
        children = []
        for thread in os.listdir(f"/proc/{self.pid}/task"):
            try:
                with open(f"/proc/{self.pid}/task/{thread}/children") as file:
                    children += file.read().split()
            except FileNotFoundError:
                pass
        return [int(child) for child in children]

    def clean_up(self):
        for client in self.clients:
            client.close()
        for puppet in self.puppets:
            puppet.socket.close()
        self.stage.close()
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.background is not None:
            if not readable(self.background):
                signal.pidfd_send_signal(self.background, signal.SIGKILL)
            os.close(self.background)
        self.kill_the_one_in_the_pidfile()
        if self.reader is not None:
            self.reader.join(1)
            self.process.stderr.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def kill_the_one_in_the_pidfile(self):
        """A daemon that was started by a shell or under strace, or that went to the background unasked."""
        try:
            pid = int(self.read_pidfile())
            if os.path.samefile(f"/proc/{pid}/exe", self.program):
                os.kill(pid, signal.SIGKILL)
        except (OSError, ValueError):
            pass  # there is none
