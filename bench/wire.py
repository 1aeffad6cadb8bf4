# SPDX-License-Identifier: LGPL-2.1-or-later
"""Requests per second, latency, and CPU time of the server."""
import subprocess
from collections import defaultdict
from contextlib import ExitStack

from report import Row, Target
from server import HELLO, PATIENCE, TERMINATOR, Contestants, Server, lvid

IN_PROGRESS, NOT_KNOWN = lvid(0), lvid(1)
REQUESTS = {
    "hello": (HELLO, 'response = "OK"'),
    "progress_info, in progress": (f'request="progress_info"\nlvid="{IN_PROGRESS}"\n', 'response = "in_progress"'),
    "progress_info, not known": (f'request="progress_info"\nlvid="{NOT_KNOWN}"\n', 'response = "not_found"'),
}
CLIENTS = (1, 4, 32)
RATE_TARGETS = {1: Target(0.85, at_least=True), 4: Target(1, at_least=True), 32: Target(1, at_least=True)}
LATENCY_TARGETS = {32: Target(1)}
CPU_TARGET = Target(0.75)


def measure(contestants: Contestants, options) -> list[Row]:
    rates, p99s, cpu_times = (defaultdict(lambda: defaultdict(list)) for _ in range(3))
    for turn in range(options.rounds):
        with ExitStack() as stack:
            servers = {who: stack.enter_context(contestants.server(program))
                       for who, program in contestants.items(turn)}
            for who, _ in contestants.daemons():
                prepare(servers[who])
            for what, (request, _) in REQUESTS.items():
                for clients in CLIENTS:
                    for who, server in servers.items():
                        count, seconds, p99, cpu = load(contestants, server, clients, options.slice, request)
                        rates[what, clients][who].append(count / seconds)
                        p99s[what, clients][who].append(p99 / 1000)
                        cpu_times[what, clients][who].append(cpu / count / 1000)

    def rows(name, figures, target, show="{:,.0f}".format):
        for (what, clients), values in figures.items():
            yield Row(f"{what}, {clients} client{'s'[:clients > 1]}: {name}", values, target(clients), show)

    return [
        *rows("requests/s", rates, RATE_TARGETS.get),
        *rows("p99 µs", p99s, LATENCY_TARGETS.get, "{:,.1f}".format),
        *rows("server's CPU µs/request", cpu_times, lambda _: CPU_TARGET, "{:.2f}".format),
    ]


def prepare(server: Server) -> None:
    """Starts the operation that is asked for, and makes sure that the requests are answered as they should be."""
    server.start_operations(1)
    with server.client() as client:
        for request, expected in REQUESTS.values():
            reply = client.request(request)
            if not reply.startswith(expected):
                raise RuntimeError(f"{request!r} is answered by {reply!r}")


def load(contestants: Contestants, server: Server, clients: int, seconds: float, request: str) -> list[float]:
    command = [contestants.tool("wire_load"), server.path, server.pid, clients, round(seconds * 1000),
               request + TERMINATOR.decode()]
    result = subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True,
                            timeout=seconds + PATIENCE)
    return [float(word) for word in result.stdout.split()]
