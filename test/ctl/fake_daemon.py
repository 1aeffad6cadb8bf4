# SPDX-License-Identifier: LGPL-2.1-or-later
"""A daemon that tells over Varlink what a test wants: it holds the pidfile's lock and answers List
and Subscribe."""

import fcntl
import json
import os
import shutil
import socket
import tempfile
import threading

PROGRAM = os.environ["LVMPOLLCTL"]


def operation(number=1, done=0, total=64 << 20, **runtime):
    """A move, as io.lvmpolld.Operations has it."""
    return {
        "identifier": f"poll-{number}",
        "context": {
            "type": "pvmove",
            "store": "poll",
            "polledBy": "daemon",
            "volumeGroup": "vg0",
            "logicalVolume": f"pvmove{number}",
            "lvid": f"id{number}",
            "interval": 15_000_000,
        },
        "runtime": {
            "state": "watching",
            "bytesDone": done,
            "bytesTotal": total,
            "verification": "none",
            "readsFrom": ["/dev/sdb"],
            "writesTo": ["/dev/sdc"],
            **runtime,
        },
    }


def ended(number=1, code=0):
    result = {"ending": "completed" if code == 0 else "failed", "exitCode": code}
    return operation(number, 64 << 20, state="finished", result=result)


class FakeDaemon:
    """In a directory of its own. One thread serves; `tell` is what subscribers hear."""

    def __init__(self, *operations):
        self.operations = list(operations)
        self.directory = tempfile.mkdtemp(prefix="lvmpollctl.")
        self.pidfile = open(os.path.join(self.directory, "pidfile"), "w")
        # The lock belongs to this process: lvmpollctl, another one, sees it.
        fcntl.lockf(self.pidfile, fcntl.LOCK_EX)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(os.path.join(self.directory, "varlink"))
        self.listener.listen()
        self.subscribers = []
        self.sending = threading.Lock()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        for connection in self.subscribers:
            connection.close()
        self.listener.close()
        self.pidfile.close()
        shutil.rmtree(self.directory)

    def command(self, *arguments):
        return [
            PROGRAM,
            "--pidfile",
            self.pidfile.name,
            "--socket",
            os.path.join(self.directory, "none"),
            "--varlink-socket",
            os.path.join(self.directory, "varlink"),
            *arguments,
        ]

    def tell(self, *operations):
        """All that have subscribed."""
        with self.sending:
            for each in operations:
                for connection in self.subscribers:
                    connection.sendall(_reply({"operation": each}))

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self._answer(connection)

    def _answer(self, connection):
        received = b""
        while b"\0" not in received:
            if not (data := connection.recv(65536)):
                return connection.close()
            received += data
        method = json.loads(received[:-1])["method"].rpartition(".")[2]
        if method == "Subscribe":
            with self.sending:
                for each in self.operations:
                    connection.sendall(_reply({"operation": each}))
                connection.sendall(_reply({}))
                self.subscribers.append(connection)
            return None
        for each in self.operations:
            connection.sendall(
                _reply({"operation": each}, continues=each is not self.operations[-1])
            )
        return connection.close()


def _reply(parameters, continues=True):
    return json.dumps({"parameters": parameters, "continues": continues}).encode() + b"\0"
