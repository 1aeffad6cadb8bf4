# SPDX-License-Identifier: LGPL-2.1-or-later
"""What becomes of operations and their results."""

import os

from messages import FAILED, IN_PROGRESS, NOT_FOUND, OK, exited, expect, killed, progress, start
from steps import started
from waiting import Failure


def _make_its_clock_fast(daemon):
    """200 times as fast."""
    library = os.path.join(os.path.dirname(daemon.fake_lvm), "fast_clock.so")
    if not os.path.exists(library):
        raise Failure(f"{library} isn't there: nothing would be tested")
    daemon.environment.update(LD_PRELOAD=library, FAST_CLOCK="200")


def silence_is_no_failure(daemon):
    """A poller silent for 3×max(60, 2×interval) s was declared failed while it still ran, the next
    request started a second one, and the daemon counted itself idle and exited. The daemon's clock
    runs 200 times as fast here."""
    _make_its_clock_fast(daemon)
    daemon.start("-t", "1000")
    client = daemon.connect()
    expect(client.ask(start()), OK)
    child = daemon.puppet("lv1")
    daemon.expect_to_run_for(2)  # 400 s of its own
    expect(client.ask(progress()), IN_PROGRESS)
    expect(client.ask(start()), OK)
    daemon.stage.expect_no_more()
    client.close()
    daemon.expect_to_run_for(6)  # 1200 s of its own: longer than -t
    child.do("exit 5")
    expect(daemon.connect().result(progress()), exited(5))


def silence_is_no_failure_in_the_reference(daemon):
    """The poller is called failed while it lives, and a second one is started beside it. The clock
    is as fast as for ours."""
    _make_its_clock_fast(daemon)
    daemon.stage.watch_for_two_at_once = False
    client, first = started(daemon)
    expect(client.result(progress()), FAILED)
    first.expect_alive()
    expect(client.ask(start()), OK)
    daemon.puppet("lv1")
    first.expect_alive()


def _log_of_one_operation(daemon):
    """That lvpoll finishes, by default."""
    client, child = started(daemon)
    child.do(r"print out 1   vg/lv1: Moved: 100.00%\n")
    child.do("exit 0")
    expect(client.result(progress()), exited(0))
    client.close()
    daemon.stop()
    daemon.reader.join()
    return [line for line in daemon.log.splitlines() if "resident" not in line]


def begin_and_end_are_logged(daemon):
    """And nothing else, unless the log is asked for more."""
    expect(_log_of_one_operation(daemon),
           [f"lvmpolld: notice: polling of vg/lv1 (pvmove): {what}"
            for what in ("begins", "finished")])


def begin_and_end_are_logged_in_the_reference(daemon):
    """They are not."""
    for line in _log_of_one_operation(daemon):
        if "lv1" in line:
            raise Failure(f"it says {line!r}")


def a_long_interval_does_not_overflow(daemon):
    """`timeout*1000` overflowed int."""
    daemon.start()
    client = daemon.connect()
    for number, interval in enumerate(["2147484", "4294968", "1073741824", "2147483647"]):
        expect(client.ask(start(f"id{number}", f"lv{number}", interval=interval)), OK)
        child = daemon.puppet(f"lv{number}")
        expect(child.argv, f"lvpoll --interval {interval} --polloperation pvmove vg/lv{number} -An")
        expect(client.ask(progress(f"id{number}")), IN_PROGRESS)
    for line in client.ask('request="dump"').splitlines():
        if "timeout=-" in line:
            raise Failure(f"a negative number in the dump: {line}")


def two_clients_learn_of_one_failure(daemon):
    """The first was told of the failure, the second got not_found, i.e. success."""
    daemon.start()
    first, second = daemon.connect(), daemon.connect()
    expect(first.ask(start()), OK)
    expect(second.ask(start()), OK)
    daemon.puppet("lv1").do("kill 9")
    expect(first.result(progress()), killed(9))
    expect(second.result(progress()), killed(9))
    expect(first.ask(progress()), NOT_FOUND)


def a_failure_awaits_a_slow_client(daemon):
    """However many operations come and go meanwhile, an open claim is not forgotten."""
    daemon.start()
    slow, busy = daemon.connect(), daemon.connect()
    expect(slow.ask(start()), OK)
    daemon.puppet("lv1").do("exit 5")
    for number in range(200):
        expect(busy.ask(start(f"other{number}", "lv2")), OK)
        daemon.puppet("lv2").do("exit 0")
        expect(busy.result(progress(f"other{number}")), exited(0))
    expect(slow.result(progress()), exited(5))


def a_recreated_lv_is_another_operation(daemon):
    """`pvmove0` aborted and created again has another LVID: its results are not mixed up with the
    old one's."""
    daemon.stage.watch_for_two_at_once = False
    daemon.start()
    client = daemon.connect()
    expect(client.ask(start("old", "pvmove0")), OK)
    old = daemon.puppet("pvmove0")
    expect(client.ask(start("new", "pvmove0")), OK)
    new = daemon.puppet("pvmove0")
    old.do("exit 5")
    expect(client.result(progress("old")), exited(5))
    expect(client.ask(progress("new")), IN_PROGRESS)
    new.do("exit 0")
    expect(client.result(progress("new")), exited(0))
