# SPDX-License-Identifier: LGPL-2.1-or-later
"""Many of them, strange ones, and strangers."""

import concurrent.futures
import os
import subprocess
import sys
import time

from client import TERMINATOR, Client
from messages import HELLO, IN_PROGRESS, NOT_FOUND, OK, exited, expect, progress, start
from waiting import Failure, readable

LIMIT = 1024  # src/base/limits.h


# Says hello to the daemon, and prints what it hears.
_GREET = """
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
heard = b""
try:
    s.sendall(b'request="hello"\\n##\\n')
    while not heard.endswith(b"\\n##\\n") and (more := s.recv(4096)):
        heard += more
except OSError:
    pass
print(heard.decode(), end="")
"""
_STRANGER = {"user": 65534, "group": 65534, "extra_groups": []}


def _heard(daemon, *prefix, **identity):
    """What somebody hears who may connect as far as permissions go. The prefix is of the command
    line."""
    os.chmod(daemon.directory, 0o755)
    os.chmod(daemon.socket, 0o777)
    done = subprocess.run([*prefix, sys.executable, "-c", _GREET, daemon.socket],
                          capture_output=True, timeout=10, text=True, **identity)
    if done.returncode != 0:
        raise Failure(done.stderr)
    return done.stdout


def _reply_to_a_stranger(daemon):
    """What user 65534 hears."""
    return _heard(daemon, **_STRANGER)


def _leave_replies_unread(client):
    """Asks, one request after the other, until no reply fits into the socket any more; how
    often."""
    reply = len(HELLO) + len(TERMINATOR)
    requests = 0
    while True:
        client.send(b'request="hello"' + TERMINATOR)
        requests += 1
        end = time.monotonic() + 1
        while client.unread_bytes() < requests * reply:
            if time.monotonic() > end:
                return requests
            time.sleep(0.001)


def over_1024_are_refused(daemon):
    """Those connected are served as before; when one goes, a newcomer is let in."""
    daemon.start()
    clients = [daemon.connect() for _ in range(LIMIT)]
    for client in clients:
        expect(client.ask('request="hello"'), HELLO)
    newcomer = daemon.connect()
    newcomer.send(b'request="hello"\n##\n')
    if "protocol" in newcomer.until_dropped():
        raise Failure(f"client {LIMIT + 1} was served")
    for client in clients[:3] + clients[-3:]:
        expect(client.ask('request="hello"'), HELLO)
    clients[0].close()
    end = time.monotonic() + 10
    while True:
        newcomer = daemon.connect()
        newcomer.send(b'request="hello"\n##\n')
        try:
            expect(newcomer.reply(), HELLO)
            return
        except Failure:
            if time.monotonic() > end:
                raise


def over_1024_are_refused_in_the_reference(daemon):
    """It serves them."""
    daemon.start()
    for _ in range(LIMIT + 1):
        expect(daemon.connect().ask('request="hello"'), HELLO)
    expect(daemon.clients[0].ask('request="hello"'), HELLO)


def descriptors_of_1024_and_up_work(daemon):
    """They broke select()."""
    daemon.start()
    clients = [daemon.connect() for _ in range(700)]
    for number, client in enumerate(clients[:250]):
        expect(client.ask(start(f"id{number}", f"lv{number}")), OK)
    children = [daemon.puppet(f"lv{number}") for number in range(250)]
    if max(map(int, daemon.descriptors())) < 1024:
        raise Failure(f"only {len(daemon.descriptors())} descriptors: nothing is tested")
    for number, child in enumerate(children):
        child.do(f"exit {number}")
    for number, client in enumerate(clients[:250]):
        expect(client.result(progress(f"id{number}")), exited(number))
    for client in clients[250:]:
        expect(client.ask('request="hello"'), HELLO)


def other_users_are_refused(daemon):
    """Even if the socket's permissions would let them in; the log names them."""
    daemon.start()
    if (reply := _reply_to_a_stranger(daemon)) != "":
        raise Failure(f"the stranger heard {reply!r}")
    daemon.wait_for_log(r"\b65534\b")
    expect(daemon.connect().ask('request="hello"'), HELLO)


def root_of_another_namespace_is_refused(daemon):
    """In a container with a user namespace of its own, root is somebody else here."""
    daemon.start()
    expect(_heard(daemon, "unshare", "--map-root-user", **_STRANGER), "")
    daemon.wait_for_log(r"\b65534\b")
    expect(daemon.connect().ask('request="hello"'), HELLO)


def root_of_a_container_is_root(daemon):
    """Without a user namespace of its own, and with nothing else of the host."""
    daemon.start()
    heard = _heard(daemon, "unshare", "--mount", "--pid", "--fork", "--net", "--ipc", "--uts")
    expect(heard, HELLO + TERMINATOR.decode())


def other_users_are_refused_in_the_reference(daemon):
    """The socket's permissions decide, and they let them in."""
    daemon.start()
    expect(_reply_to_a_stranger(daemon), HELLO + "\n##\n")


def those_that_stall_are_dropped_after_30_s(daemon):
    """In the middle of a request, or with their replies unread. A silent one between two requests
    stays, as does one that waits for a result."""
    daemon.start()
    silent, stalling, unread, waiting = (daemon.connect() for _ in range(4))
    expect(silent.ask('request="hello"'), HELLO)
    expect(waiting.ask(start()), OK)
    child = daemon.puppet("lv1")
    expect(stalling.ask('request="hello"'), HELLO)
    before = time.monotonic()
    stalling.send(b'request="hel')
    unread.socket.setblocking(False)
    try:
        while True:
            unread.socket.send(b'request="dump"\n##\n' * 1000)
    except BlockingIOError:
        pass
    unread.socket.setblocking(True)
    stalling.expect_closed(40)
    took = time.monotonic() - before
    if not 29 < took < 33:
        raise Failure(f"the stalling client was dropped after {took:.1f} s")
    unread.wait_dropped()
    expect(waiting.ask(progress()), IN_PROGRESS)
    expect(silent.ask('request="hello"'), HELLO)
    child.do("exit 5")
    expect(waiting.result(progress()), exited(5))


def those_that_stall_are_dropped_after_30_s_in_the_reference(daemon):
    """They are never dropped, and served when they go on."""
    daemon.start()
    stalling, unread = daemon.connect(), daemon.connect()
    stalling.send(b'request="hel')
    requests = _leave_replies_unread(unread)
    daemon.expect_to_run_for(33)
    stalling.send(b'lo"\n##\n')
    expect(stalling.reply(), HELLO)
    for _ in range(requests):
        expect(unread.reply(), HELLO)


def one_that_trickles_is_served(daemon):
    """Two hundred small pieces of one request, with others in between."""
    daemon.start()
    slow, other = daemon.connect(), daemon.connect()
    for _ in range(200):
        slow.send(b"# trickle\n")
        expect(other.ask('request="hello"'), HELLO)
    slow.send(b'request="hello"\n##\n')
    expect(slow.reply(), HELLO)


def those_that_go_in_mid_request_leave_nothing(daemon):
    """Their descriptors are closed."""
    daemon.start()
    watcher = daemon.connect()

    def come_and_go():
        for _ in range(50):
            client = daemon.connect()
            client.send(b'request="hello"\n##\nrequest="du')
            client.close()
        return daemon.settled_descriptors(watcher)

    usual = come_and_go()
    expect(come_and_go(), usual)


def _go_before_the_answer(daemon):
    """A client asks for the result of its operation, and closes its connection before it is
    answered. Returns another."""
    daemon.start()
    client, other = daemon.connect(), daemon.connect()
    expect(client.ask(start()), OK)
    daemon.puppet("lv1").do("exit 5")
    daemon.wait_for_dump("polling_finished=1")
    with daemon.standing_still():
        client.send(progress().encode() + TERMINATOR)
        client.close()
    daemon.settled_descriptors(other)
    return other


def one_that_goes_unanswered_uses_up_no_result(daemon):
    """Whoever asks next is told."""
    other = _go_before_the_answer(daemon)
    expect(other.ask(progress()), exited(5))
    expect(other.ask(progress()), NOT_FOUND)


def one_that_goes_unanswered_uses_up_no_result_in_the_reference(daemon):
    """It does, and nobody is told."""
    expect(_go_before_the_answer(daemon).ask(progress()), NOT_FOUND)


def one_that_goes_as_another_comes_stops_nothing(daemon):
    """Nor do thousands, two at a time, beside one that stays."""
    daemon.start()
    staying = daemon.connect()

    def come_and_go(_):
        for _ in range(2000):
            client = Client(daemon.socket)
            expect(client.ask('request="hello"'), HELLO)
            client.close()

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(come_and_go, range(2)))
    expect(staying.ask('request="hello"'), HELLO)


def a_flood_of_requests_does_not_starve_others(daemon):
    """One sends thousands of requests without a pause; another is answered in between."""
    daemon.start()
    flooding, other = daemon.connect(), daemon.connect()
    flooding.socket.setblocking(False)
    for _ in range(20):
        try:
            flooding.socket.send(b'request="hello"\n##\n' * 2000)
        except BlockingIOError:
            pass
        expect(other.ask('request="hello"', 2), HELLO)
        while readable(flooding.socket):
            flooding.socket.recv(1 << 20)
