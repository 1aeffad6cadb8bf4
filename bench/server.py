# SPDX-License-Identifier: LGPL-2.1-or-later
"""Running servers, started as lvm2-lvmpolld.service starts them, and what /proc knows of them."""
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from report import FLOOR, OURS, REFERENCE

PATIENCE = 60  # seconds, for anything that is waited for
TERMINATOR = b"\n##\n"
HELLO = 'request="hello"\n'
# A shell can give the program what its parent can't know before the fork: its own PID.
ACTIVATE = ("exec env SD_ACTIVATION=1 LISTEN_PID=$$ LISTEN_FDS=1 "
            'LISTEN_FDNAMES=lvm2-lvmpolld.socket "$@" 3<&{0}')


def scratch() -> tempfile.TemporaryDirectory:
    """A directory on a tmpfs, as /run is: on a disk, making the pidfile takes longer than all the
    rest of a start."""
    return tempfile.TemporaryDirectory(prefix="bench-", dir="/dev/shm")


def as_installed(program: Path) -> Path:
    """A copy without debugging symbols, which is what a package brings: the kernel starts it a
    little faster."""
    copy = program.with_name(program.name + ".stripped")
    subprocess.run(["strip", "-o", copy, program], check=True)
    return copy


class Contestants:
    """The programs that are compared, in the order of a round, and the tools beside them."""

    def __init__(self, reference: Path, ours: Path, tools: Path):
        self.tools = tools
        self.programs = {REFERENCE: reference, OURS: ours, FLOOR: self.tool("echo_server")}
        for program in self.programs.values():
            if not os.access(program, os.X_OK):
                raise SystemExit(f"{program}: there is no such program")

    def tool(self, name: str) -> Path:
        return self.tools / name

    def items(self, turn: int = 0):
        """Names and programs; each turn begins with another one."""
        everyone = list(self.programs.items())
        first = turn % len(everyone)
        return everyone[first:] + everyone[:first]

    def daemons(self):
        return [(who, program) for who, program in self.items() if who != FLOOR]

    def server(self, program: Path, *options: str) -> "Server":
        return Server(program, self.tool("waiting_lvm"), *options)


class Client:
    """A connection with one request at a time."""

    def __init__(self, path: str):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def request(self, text: str) -> str:
        self.socket.sendall(text.encode() + TERMINATOR)
        reply = b""
        while not reply.endswith(TERMINATOR):
            part = self.socket.recv(65536)
            if not part:
                raise ConnectionError(f"no reply to {text!r}")
            reply += part
        return reply.decode()


class Server:
    """A daemon in the foreground, activated by a socket in a directory of its own. It has answered
    a hello."""

    def __init__(self, program: Path, lvm: Path, *options: str):
        self.directory = scratch()
        self.path = f"{self.directory.name}/socket"
        self.log = f"{self.directory.name}/log"
        self.arguments = [program, "-f", "-s", self.path, "-p", f"{self.directory.name}/pid",
                          "-B", lvm, *options]

    def __enter__(self):
        with socket.socket(socket.AF_UNIX) as listener, open(self.log, "wb") as log:
            listener.bind(self.path)
            listener.listen(socket.SOMAXCONN)
            listener.setblocking(False)
            command = ["/bin/sh", "-c", ACTIVATE.format(listener.fileno()), "sh", *self.arguments]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, process_group=0,
                                            pass_fds=[listener.fileno()])
        try:
            with self.client() as client:
                client.request(HELLO)
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, failure, *_):
        ended = self.process.poll()
        if failure and issubclass(failure, Exception):
            state = "runs" if ended is None else f"has ended with {ended}"
            print(f"{self.arguments[0]} {state}. Its log:\n{Path(self.log).read_text()}",
                  file=sys.stderr)
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        try:  # its children, should it have left any
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.directory.cleanup()

    @property
    def pid(self) -> int:
        return self.process.pid

    def client(self) -> Client:
        return Client(self.path)

    def start_operations(self, count: int) -> None:
        """Has that many in progress, each with an lvm that waits, when it returns."""
        with self.client() as client:
            for number in range(count):
                reply = client.request(poll_request(number))
                if not reply.startswith('response = "OK"'):
                    raise RuntimeError(f"operation {number}: {reply}")
        deadline = time.monotonic() + PATIENCE
        while (running := self._waiting_children()) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.arguments[0]}: {running} of {count} children run")

    def memory(self) -> dict[str, int]:
        """KiB: resident, its fair share of that, and what has no file behind it, as the heap."""
        fields = {}
        for line in Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()[1:]:
            key, value = line.split(":")
            fields[key] = int(value.split()[0])
        return {"RSS": fields["Rss"], "Pss": fields["Pss"], "anonymous": fields["Anonymous"]}

    def _waiting_children(self) -> int:
        return sum(1 for process in Path("/proc").glob("[0-9]*") if self._is_waiting_child(process))

    def _is_waiting_child(self, process: Path) -> bool:
        try:
            name, fields = (process / "stat").read_text().split("(", 1)[1].rsplit(")", 1)
        except OSError:  # it has just gone
            return False
        return name == "waiting_lvm" and int(fields.split()[1]) == self.pid


def lvid(number: int) -> str:
    """As LVM forms it: the VG's and the LV's UUID, 32 characters each."""
    return f"{'v' * 32}{number:032}"


def poll_request(number: int) -> str:
    return (f'request="pvmove"\nlvid="{lvid(number)}"\nvgname="vg"\nlvname="lv{number}"\n'
            'interval="15"\ncmdline="pvmove /dev/sda"\n')
