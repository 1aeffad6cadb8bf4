# SPDX-License-Identifier: LGPL-2.1-or-later
"""Requests per second, and CPU time of the server for each."""
import subprocess
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass

from cpus import one_cpu
from report import FLOOR, REFERENCE, Row, Target
from server import HELLO, PATIENCE, TERMINATOR, Contestants, Server, lvid

REQUESTS = {  # by the key of their figures: name, request, how the answer begins
    "hello": ("hello", HELLO, 'response = "OK"'),
    "progress": ("progress_info", f'request="progress_info"\nlvid="{lvid(0)}"\n',
                 'response = "in_progress"'),
}
CLIENTS = (1, 32)
RATE_TARGETS = Target(1, REFERENCE, at_least=True), Target(0.75, FLOOR, at_least=True)
CPU_TARGETS = Target(0.9, REFERENCE), Target(1.6, FLOOR)


@one_cpu()
def measure(contestants: Contestants, options) -> list[Row]:
    rates, cpu_times = (defaultdict(lambda: defaultdict(list)) for _ in range(2))
    for turn in range(options.rounds):
        with ExitStack() as stack:
            servers = {who: stack.enter_context(contestants.server(program))
                       for who, program in contestants.items(turn)}
            for who, _ in contestants.daemons():
                prepare(servers[who])
            for key, (_, request, _) in REQUESTS.items():
                for clients in CLIENTS:
                    for who, server in servers.items():
                        seen = load(contestants, server, clients, options.slice, request)
                        rates[key, clients][who].append(seen.rate)
                        cpu_times[key, clients][who].append(seen.cpu / seen.count / 1000)

    def rows(kind, unit, figures, targets, **options):
        for (key, clients), values in figures.items():
            name = f"{REQUESTS[key][0]}, {clients} client{'s'[:clients > 1]}: {unit}"
            yield Row(f"{key}-{clients}-{kind}", name, values, targets, **options)

    return [*rows("rate", "requests/s", rates, RATE_TARGETS),
            *rows("cpu", "server's CPU µs/request", cpu_times, CPU_TARGETS, show="{:.2f}".format)]


def prepare(server: Server) -> None:
    """Starts the operation that is asked for, and makes sure that the answers are right."""
    server.start_operations(1)
    with server.client() as client:
        for _, request, expected in REQUESTS.values():
            reply = client.request(request)
            if not reply.startswith(expected):
                raise RuntimeError(f"{request!r} is answered by {reply!r}")


@dataclass(frozen=True)
class Load:
    """How many requests were answered, in how many seconds, the server's CPU time in ns, and the ns
    within which 99 of 100 were."""

    count: float
    seconds: float
    cpu: float
    p99: float

    @property
    def rate(self) -> float:
        return self.count / self.seconds


def load(contestants: Contestants, server: Server, clients: int, seconds: float,
         request: str) -> Load:
    command = [contestants.tool("wire_load"), server.path, server.pid, clients,
               round(seconds * 1000), request + TERMINATOR.decode()]
    result = subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE,
                            text=True, timeout=seconds + PATIENCE)
    return Load(*map(float, result.stdout.split()))
