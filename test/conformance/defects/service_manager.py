# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the daemon says to the service manager is not lost, and what that keeps for it is whole."""

from client import TERMINATOR
from messages import HELLO, OK, exited, expect, progress, start
from service_manager import ServiceManager
from waiting import Failure, until

HELLO_REQUEST = 'request="hello"'


def a_busy_one_hears_of_readiness_later(daemon):
    """Clients are served meanwhile. Without the message the start would time out."""
    with ServiceManager(daemon) as manager:
        manager.be_busy()
        manager.start()
        expect(daemon.connect().ask(HELLO_REQUEST), HELLO)
        manager.be_free()
        manager.wait_for("READY=1")


def a_client_that_does_not_read_is_taken_back(daemon):
    """Its answers don't all fit into the socket: the next daemon could not go on in the middle of
    one."""
    count = 2000
    with ServiceManager(daemon) as manager:
        manager.start()
        client = daemon.connect()
        expect(client.ask(HELLO_REQUEST), HELLO)
        manager.be_busy()
        client.send((HELLO_REQUEST.encode() + TERMINATOR) * count)
        expect(daemon.connect().ask(HELLO_REQUEST), HELLO)
        manager.be_free()
        manager.wait_for("FDSTOREREMOVE=1\nFDNAME=client-1")
        for _ in range(count):
            expect(client.reply(), HELLO)


def unread_answers_outlive_a_kill(daemon):
    """They count with the next daemon, too: then the connection isn't kept any more."""
    few, many = 50, 2000
    with ServiceManager(daemon) as manager:
        manager.start()
        client = daemon.connect()
        client.send((HELLO_REQUEST.encode() + TERMINATOR) * few)
        size = few * len(HELLO.encode() + TERMINATOR)
        until("all are answered", lambda: client.unread_bytes() == size)
        manager.start_again()
        client.send((HELLO_REQUEST.encode() + TERMINATOR) * many)
        manager.wait_for("FDSTOREREMOVE=1\nFDNAME=client-1")
        for _ in range(few + many):
            expect(client.reply(), HELLO)


def half_a_request_outlives_a_kill(daemon):
    """The next daemon finds the beginning in the socket. It took the rest for a request."""
    request = start().encode() + TERMINATOR
    with ServiceManager(daemon) as manager:
        manager.start()
        client = daemon.connect()
        expect(client.ask(HELLO_REQUEST), HELLO)
        for cut in (1, len(request) // 2, len(request) - 1):
            client.send(HELLO_REQUEST.encode() + TERMINATOR + request[:cut])
            expect(client.reply(), HELLO)
            manager.start_again()
            client.send(request[cut:])
            expect(client.reply(), OK)
            daemon.puppet("lv1").do("exit 5")
            expect(client.result(progress()), exited(5))


def a_request_in_many_pieces_is_served(daemon):
    """So many that they don't fit into the socket; then the connection isn't kept any more."""
    request = start(more='x="' + "1" * 2000 + '"').encode() + TERMINATOR
    with ServiceManager(daemon) as manager:
        manager.start()
        client = daemon.connect()
        expect(client.ask(HELLO_REQUEST), HELLO)
        for byte in range(len(request)):
            client.send(request[byte:byte + 1])
        expect(client.reply(), OK)
        manager.wait_for("FDSTOREREMOVE=1\nFDNAME=client-1")
        if "client-1" in manager.kept:
            raise Failure("the connection is kept")
        daemon.puppet("lv1").do("exit 5")
        expect(client.result(progress()), exited(5))
