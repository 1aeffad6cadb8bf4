# SPDX-License-Identifier: LGPL-2.1-or-later
"""Stands in for the service manager of one daemon: socket activation, notifications, the store of
descriptors."""

import array
import fcntl
import os
import select
import socket
import threading

from waiting import DEADLINE, Failure


def _hung_up(descriptor):
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(event & (select.POLLHUP | select.POLLERR) for _, event in poll.poll(0))


def _peer(descriptor):
    with socket.socket(fileno=os.dup(descriptor)) as connection:
        try:
            return connection.getpeername()
        except OSError:
            return None  # it has closed


class ServiceManager:
    """Starts the daemon, hands it its listening socket and, if it keeps connections, those in its
    store."""

    def __init__(self, daemon, keeps=True, log=None):
        self.daemon, self.keeps, self.log = daemon, keeps, log
        self.kept = {}  # name: descriptor
        self.clients = set()  # the addresses of all that were ever kept
        self.said = []  # every message but those of this class
        self.news = threading.Condition()
        self.may_read = threading.Event()
        self.may_read.set()
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(daemon.socket)
        os.chmod(daemon.socket, 0o600)
        self.listener.listen(128)
        self.notifications = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notifications.bind(os.path.join(daemon.directory, "notify"))
        self.settled = threading.Event()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def read(self):
        poll = select.poll()
        poll.register(self.notifications, select.POLLIN)
        while True:
            poll.poll()
            self.may_read.wait()
            data, ancillary, _, _ = self.notifications.recvmsg(4096, socket.CMSG_SPACE(4))
            lines = dict(line.partition("=")[::2] for line in data.decode().splitlines())
            descriptors = array.array("i")
            for _, _, content in ancillary:
                descriptors.frombytes(content)
            if "END" in lines:
                return
            if "SETTLE" in lines:
                self.settled.set()
                continue
            if "FILL" in lines:
                continue
            if self.keeps and lines.get("FDSTORE") == "1":
                self.kept[lines["FDNAME"]] = descriptors.pop()
                self.clients.add(_peer(self.kept[lines["FDNAME"]]))
            if lines.get("FDSTOREREMOVE") == "1":
                descriptor = self.kept.pop(lines["FDNAME"], None)
                if descriptor is not None:
                    os.close(descriptor)
            for descriptor in descriptors:
                os.close(descriptor)
            with self.news:
                self.said.append(data.decode())
                self.news.notify_all()

    def wait_for(self, beginning):
        """Until the daemon has sent a message that begins so."""
        with self.news:
            def has_come():
                return any(text.startswith(beginning) for text in self.said)

            if not self.news.wait_for(has_come, DEADLINE):
                raise Failure(f"no {beginning!r} among {self.said}")

    def settle(self):
        """Until all that was said so far has been read: the socket keeps the order."""
        self.settled.clear()
        self.tell(b"SETTLE=1")
        self.settled.wait(DEADLINE)

    def tell(self, message):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as own:
            own.sendto(message, self.notifications.getsockname())

    def be_busy(self):
        """From now on nothing is read, and nothing more fits into the queue."""
        self.may_read.clear()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as own:
            own.connect(self.notifications.getsockname())
            while True:
                try:
                    own.send(b"FILL=1")
                except BlockingIOError:
                    return

    def be_free(self):
        self.may_read.set()

    def start(self):
        names, descriptors = ["listening"], [self.listener.fileno()]
        for name, descriptor in list(self.kept.items()):
            if _hung_up(descriptor):
                os.close(self.kept.pop(name))
                continue
            names.append(name)
            descriptors.append(descriptor)
        environment = {"SD_ACTIVATION": "1", "LISTEN_FDS": str(len(names)),
                       "LISTEN_FDNAMES": ":".join(names)}
        if self.keeps:
            environment["NOTIFY_SOCKET"] = self.notifications.getsockname()
        # Above where they go to, so that none is overwritten before it is duplicated.
        copies = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, 1000) for descriptor in descriptors]
        shuffle = "".join(f" {3 + number}<&{copy} {copy}<&-" for number, copy in enumerate(copies))
        command = ["/bin/bash", "-c", f'LISTEN_PID=$$ exec "$0" "$@"{shuffle}',
                   self.daemon.program, *self.daemon.arguments()]
        self.daemon.environment.update(environment)
        if self.log is None:
            self.daemon.launch(command, pass_fds=copies)
        else:
            self.daemon.launch_unread(self.log, command, pass_fds=copies)
        for copy in copies:
            os.close(copy)

    def start_again(self):
        """After a kill: with all that the last process has handed over."""
        self.daemon.kill()
        self.settle()
        self.start()

    def close(self):
        self.be_free()
        self.tell(b"END=1")
        self.reader.join()
