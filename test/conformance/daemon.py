# SPDX-License-Identifier: LGPL-2.1-or-later
"""A daemon under test, in a directory of its own."""

import contextlib
import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from client import Client
from puppet import Stage
from waiting import DEADLINE, Failure, readable, remaining, wait_for_path, wait_readable


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
        self.environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8",
                            "FAKE_LVM_DIR": self.stage.directory}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LLVM_PROFILE_FILE"):
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
        shell = f'LISTEN_PID=$$ exec "$0" "$@" 3<&{descriptor} {descriptor}<&-'
        self.launch(["/bin/bash", "-c", shell, self.program, *self.arguments(), *options],
                    pass_fds=[descriptor])
        os.close(descriptor)
        return self

    def launch(self, command, **popen):
        self.launch_unread(subprocess.PIPE, command, **popen)
        self.reader = threading.Thread(target=self.read_log, args=(self.process.stderr,),
                                       daemon=True)
        self.reader.start()

    def launch_unread(self, stderr, command, **popen):
        """The same, with a standard error that nobody here reads."""
        self.process = subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=stderr, **popen)

    @contextlib.contextmanager
    def full_pipe(self, *wrapper, options=()):
        """Runs it, by way of the command `wrapper`, with a pipe for that; gives its other end."""
        read_end, write_end = os.pipe()
        self.launch_unread(write_end, [*wrapper, self.program, *self.arguments(), *options])
        os.close(write_end)
        try:
            yield read_end
        finally:
            os.close(read_end)

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
        """A new client. Between bind and listen, or where a stale socket is, it is refused and
        tries again."""
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

    def kill(self):
        """As the kernel does when memory runs out, or a person with -9."""
        self.send_signal("KILL")
        self.wait_exit()

    def start_again(self, *options, **popen):
        """After its end; the log goes on."""
        self.launch([self.program, *self.arguments(), *options], **popen)

    def has_a_sanitizer(self):
        """It needs memory and, to look at its objects, descriptors of its own: a limit would end
        the process."""
        with open(self.program, "rb") as file:
            program = file.read()
        return b"__asan_init" in program or b"__tsan_init" in program

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
        """What every test ends with: the daemon, if it still runs, ends with 0, and no sanitizer
        has complained."""
        for client in self.clients:
            client.close()
        for puppet in self.puppets:
            puppet.socket.close()  # at end of file a puppet exits
        self.stage.close()
        runs = self.process is not None and self.process.poll() is None
        if runs or self.background is not None:
            self.stop(15)
        if self.reader is not None:
            self.reader.join(1)
        if match := re.search(r"^.*(Sanitizer|runtime error).*$", self.log, re.M):
            raise Failure(match[0])

    def run(self, *arguments, deadline=DEADLINE, **popen):
        """The program once more, to its end; returns a CompletedProcess."""
        popen.setdefault("env", self.environment)
        try:
            return subprocess.run([self.program, *arguments], stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=deadline, text=True,
                                  errors="replace", **popen)
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
        return self.contains(b"__tsan_init")

    def has_sanitizer(self):
        return self.has_thread_sanitizer() or self.contains(b"__asan_init")

    def contains(self, symbol):
        with open(self.program, "rb") as file:
            return symbol in file.read()

    def descriptors(self):
        return os.listdir(f"/proc/{self.pid}/fd")

    def settled_descriptors(self, client):
        """How many there are when clients that have gone are noticed: the same number ten times in
        a row."""
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
        """A daemon that was started by a shell or under strace, or that went to the background
        unasked."""
        try:
            pid = int(self.read_pidfile())
            if os.path.samefile(f"/proc/{pid}/exe", self.program):
                os.kill(pid, signal.SIGKILL)
        except (OSError, ValueError):
            pass  # there is none
