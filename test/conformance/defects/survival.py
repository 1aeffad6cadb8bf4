# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the daemon knows outlives it. `survive` does this two hundred times at random; here are the
single cases."""

import os
import re
import time

from messages import IN_PROGRESS, NOT_FOUND, OK, abort, exited, expect, killed, progress, start
from steps import killed_beside_its_lvpoll, started
from waiting import DEADLINE, Failure, remaining


def _records(daemon):
    return sorted(name for name in os.listdir(daemon.socket + ".state")
                  if re.match(r"(poll|abort)-\d+$", name))


def _wait_for_records(daemon, client, names):
    end = time.monotonic() + DEADLINE
    while (records := _records(daemon)) != names:
        remaining(end, f"{names} instead of {records}")
        client.ask('request="hello"')


def an_operation_goes_on_after_a_stop(daemon):
    """Its lvpoll is retired, which is no result, and a new one started by the next daemon."""
    _, first = started(daemon)
    first.do("on-term exit 5")
    daemon.stop()
    first.ended()
    daemon.start_again()
    second = daemon.puppet("lv1")
    client = daemon.connect()
    expect(client.ask(progress()), IN_PROGRESS)
    if "init_requests_count=0" not in (dump := client.ask('request="dump"')):
        raise Failure(f"requests of an earlier daemon are counted: {dump}")
    second.do("exit 3")
    expect(client.result(progress()), exited(3))
    expect(client.ask(progress()), NOT_FOUND)


def an_operation_goes_on_after_a_stop_in_the_reference(daemon):
    """The next daemon doesn't know it, and starts nothing."""
    client, _ = started(daemon)
    client.close()
    daemon.stop()
    daemon.start_again()
    expect(daemon.connect().ask(progress()), NOT_FOUND)
    daemon.stage.expect_no_more()


def a_child_of_a_killed_daemon_is_not_doubled(daemon):
    """Then one more lvpoll says how it has ended. Its end of the pipe being gone must not matter to
    it."""
    client, first = killed_beside_its_lvpoll(daemon)
    first.do("exit 0", wait=False)
    second = daemon.puppet("lv1")
    second.do("exit 5")
    expect(client.result(progress()), exited(5))


def an_abort_goes_on_after_a_kill_beside_its_poll(daemon):
    """Both stores are recorded, each on its own; and no lvpoll of the poll operation runs beside
    the abort's."""
    client, child = started(daemon)
    child.do("on-term exit 5")
    expect(client.ask(abort()), OK)
    aborting = daemon.puppet("lv1:abort")
    expect(_records(daemon), ["abort-1", "poll-1"])
    daemon.kill()
    aborting.do("exit 0", wait=False)
    daemon.start_again()
    aborting = daemon.puppet("lv1:abort")
    client = daemon.connect()
    expect(client.ask(progress()), IN_PROGRESS)
    daemon.stage.expect_no_more()
    aborting.do("exit 0", wait=False)
    daemon.puppet("lv1").do("exit 0", wait=False)
    expect(client.result(progress(more="abort=1")), exited(0))
    expect(client.result(progress()), exited(0))


def no_number_of_a_lost_record_comes_back(daemon):
    """An lvpoll that the next daemon doesn't know of is marked with its number."""
    _, lost = started(daemon)
    daemon.kill()
    os.unlink(daemon.socket + ".state/poll-1")
    daemon.start_again()
    expect(daemon.connect().ask(start("id2", "lv2")), OK)
    daemon.puppet("lv2")
    names = _records(daemon)
    if len(names) != 1 or names == ["poll-1"]:
        raise Failure(f"the records are {names}")
    lost.do("exit 0", wait=False)


def a_result_is_there_after_a_restart(daemon):
    """lvm takes not_found for success."""
    daemon.start()
    waiting = daemon.connect()
    for number, end in ((1, "exit 5"), (2, "kill 9")):
        expect(waiting.ask(start(f"id{number}", f"lv{number}")), OK)
        daemon.puppet(f"lv{number}").do(end)
    daemon.wait_for_dump("value=9")
    daemon.wait_for_dump("value=5")
    daemon.kill()
    daemon.start_again()
    client = daemon.connect()
    expect(client.ask(progress("id1")), exited(5))
    daemon.stop()
    daemon.start_again()
    client = daemon.connect()
    expect(client.ask(progress("id1")), NOT_FOUND)
    expect(client.ask(progress("id2")), killed(9))
    expect(client.ask(progress("id2")), NOT_FOUND)
    _wait_for_records(daemon, client, [])  # a record goes after the answer


def a_client_that_dies_at_any_point_harms_nobody(daemon):
    """After each byte of it, and before it reads the answer."""
    daemon.start()
    message = start().encode() + b"\n##\n"
    for length in range(0, len(message) + 1, 3):
        client = daemon.connect()
        client.send(message[:length])
        client.close()
    client = daemon.connect()
    client.send(message)
    client.close()
    child = daemon.puppet("lv1")
    daemon.stage.expect_no_more()
    child.do("exit 7")
    client = daemon.connect()
    expect(client.result(progress()), exited(7))
