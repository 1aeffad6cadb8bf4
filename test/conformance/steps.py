# SPDX-License-Identifier: LGPL-2.1-or-later
"""Steps that several of the tests in Python take."""

from messages import IN_PROGRESS, OK, expect, progress, start


def started(daemon):
    """The daemon, with one operation. Gives its client and its lvpoll."""
    daemon.start()
    return begin_poll(daemon)


def killed_beside_its_lvpoll(daemon):
    """A daemon is killed while its lvpoll runs, and the next one waits for that rather than start
    another. Gives a client of that one, and the lvpoll."""
    _, lvpoll = started(daemon)
    daemon.kill()
    daemon.start_again()
    client = daemon.connect()
    expect(client.ask(progress()), IN_PROGRESS)
    daemon.stage.expect_no_more()
    return client, lvpoll


def begin_poll(daemon, number=1, lv=None):
    """A client that waits for a new operation, and its lvpoll."""
    client = daemon.connect()
    lv = lv or f"lv{number}"
    expect(client.ask(start(f"id{number}", lv)), OK)
    return client, daemon.puppet(lv)
