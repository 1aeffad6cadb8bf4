# SPDX-License-Identifier: LGPL-2.1-or-later
"""What those who wait or watch are told over Varlink, and that it costs nobody anything."""

import time

from messages import OK, exited, expect, progress, start
from steps import begin_poll
from varlink import OPERATIONS, SERVICE, Varlink
from waiting import Failure, readable, until


def _changes_until(subscriber, last):
    """The operations that a subscriber is told of, up to one of which `last` is true."""
    told = []
    while not told or not last(told[-1]):
        told.append(subscriber.receive()["parameters"].get("operation"))
    return told


def a_subscriber_is_told_of_changes(daemon):
    """First what is there, and that this is all of it; then what begins and ends."""
    daemon.start()
    _, first = begin_poll(daemon, 1)
    subscriber = Varlink(daemon)
    subscriber.send(OPERATIONS + "Subscribe", more=True)
    expect(subscriber.receive()["parameters"]["operation"]["identifier"], "poll-1")
    expect(subscriber.receive(), {"parameters": {}, "continues": True})
    _, second = begin_poll(daemon, 2)
    told = _changes_until(subscriber, lambda each: each["runtime"]["state"] == "resident")
    expect({each["identifier"] for each in told}, {"poll-2"})
    first.do("exit 0")
    second.do("kill 9")
    ended = {}
    while len(ended) < 2:
        operation = subscriber.receive()["parameters"]["operation"]
        if operation["runtime"]["state"] == "finished":
            ended[operation["identifier"]] = operation["runtime"]["result"]
    expect(ended, {"poll-1": {"ending": "completed", "exitCode": 0},
                   "poll-2": {"ending": "killed", "signal": 9}})


def changes_are_five_a_second(daemon):
    """However often an operation changes."""
    daemon.start()
    client, _ = begin_poll(daemon)
    subscriber = Varlink(daemon)
    subscriber.send(OPERATIONS + "Subscribe", more=True)
    begin = time.monotonic()
    while time.monotonic() < begin + 1:
        expect(client.ask(start("id1", "lv1")), OK)  # joins, so that the requests are one more
    requests = Varlink(daemon).operations()[0]["runtime"]["requests"]
    told = []
    while not told or told[-1] < requests:
        if operation := subscriber.receive()["parameters"].get("operation"):
            told.append(operation["runtime"]["requests"])
    most = 2 + 5 * (time.monotonic() - begin)
    if not 3 <= len(told) <= most:
        raise Failure(f"{len(told)} changes were told, at most {most:.1f} were expected")


def waits_for_the_end(daemon):
    """Of all that match, and of no others; those who failed are counted."""
    daemon.start()
    children = [begin_poll(daemon, number)[1] for number in (1, 2, 3)]
    waiting = Varlink(daemon)
    waiting.send(OPERATIONS + "Wait", {"filter": {"types": ["pvmove"]}})
    one = Varlink(daemon)
    one.send(OPERATIONS + "Wait", {"filter": {"logicalVolume": "lv1"}})
    Varlink(daemon).operations()  # asked later, answered later: both wait now
    children[0].do("exit 0")
    reply = one.receive()["parameters"]
    expect(([each["identifier"] for each in reply["ended"]], reply["failed"], reply["omitted"]),
           (["poll-1"], 0, 0))
    expect(readable(waiting.socket, 0.3), False)
    children[1].do("exit 5")
    children[2].do("exit 0")
    reply = waiting.receive()["parameters"]
    expect(({each["identifier"] for each in reply["ended"]}, reply["failed"]),
           ({"poll-1", "poll-2", "poll-3"}, 1))


def a_wait_has_a_timeout(daemon):
    """In microseconds; and nothing to wait for is an error."""
    daemon.start()
    client = Varlink(daemon)
    expect(client.call(OPERATIONS + "Wait", {"timeout": 10_000_000})["error"],
           OPERATIONS + "NoSuchOperation")
    begin_poll(daemon)
    before = time.monotonic()
    expect(client.call(OPERATIONS + "Wait", {"timeout": 300_000}),
           {"error": OPERATIONS + "TimedOut", "parameters": {"remaining": 1}})
    if time.monotonic() - before < 0.3:
        raise Failure("too early")
    expect(client.call(SERVICE + "GetInfo")["parameters"]["product"], "lvmpolld")


def a_stopped_subscriber_stops_nobody(daemon):
    """Of 200; it misses what is outdated; reading again, it hears each operation's last state."""
    daemon.start()
    rounds, operations = 16, range(100)  # more than the socket and the daemon keep
    client = daemon.connect()
    for number in operations:
        expect(client.ask(start(f"id{number}", f"lv{number}")), OK)
    child = daemon.puppet("lv0")
    stopped = Varlink(daemon)
    stopped.send(OPERATIONS + "Subscribe", more=True)
    others = [Varlink(daemon) for _ in range(199)]
    for other in others:
        other.send(OPERATIONS + "Subscribe", {"filter": {"logicalVolume": "lv0"}}, more=True)
    for round in range(2, rounds + 2):
        for number in operations:
            expect(client.ask(start(f"id{number}", f"lv{number}")), OK)
        for other in others:
            _changes_until(other, lambda each: each and each["runtime"]["requests"] == round)
    child.do("exit 5")
    for other in others:
        _changes_until(other, lambda each: each["runtime"]["state"] == "finished")
    last, told, ended = {}, 0, False
    while not ended or len(last) < len(operations) or set(last.values()) != {rounds + 1}:
        if operation := stopped.receive()["parameters"].get("operation"):
            told += 1
            last[operation["identifier"]] = operation["runtime"]["requests"]
            ended = ended or operation["runtime"]["state"] == "finished"
    if told > (rounds - 1) * len(operations):
        raise Failure(f"it was told of all {told} changes: its socket was never full")


def a_subscriber_costs_8_kib(daemon):
    """At most, of the daemon's memory; 200 of them are told of 50 operations, and do not read."""
    daemon.start()
    for number in range(50):
        begin_poll(daemon, number)
    first = Varlink(daemon)
    first.send(OPERATIONS + "Subscribe", more=True)
    first.receive()
    before = _private_memory(daemon)
    for _ in range(200):
        subscriber = Varlink(daemon)
        subscriber.send(OPERATIONS + "Subscribe", more=True)
        subscriber.receive()
    each = (_private_memory(daemon) - before) / 200
    if each > 8 and not daemon.has_sanitizer():
        raise Failure(f"{each:.1f} KiB for each subscriber")


def _private_memory(daemon):
    """In KiB."""
    with open(f"/proc/{daemon.pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("RssAnon:"))


def counts_what_it_has_done(daemon):
    """Requests, results, lvpolls, and how long answers took."""
    daemon.start()
    client, child = begin_poll(daemon)
    child.do("exit 5")
    expect(client.result(progress("id1")), exited(5))
    client.ask('request="frobnicate"')
    watcher = Varlink(daemon)
    get = lambda: watcher.call("io.lvmpolld.Statistics.Get")["parameters"]
    # A result is counted once it is there, which the client may learn a moment before.
    until("the failure is counted", lambda: get()["operations"]["pvmove"]["failed"] == 1)
    counts = get()
    requests = counts["requests"]
    expect((requests["pvmove"], requests["abort"], requests["rejected"]), (1, 0, 1))
    expect(counts["operations"]["pvmove"], {"completed": 0, "failed": 1, "killed": 0, "unknown": 0})
    expect((counts["lvpollRuns"], counts["steps"], counts["failedStarts"]), (1, 0, 0))
    expect(sum(bucket["requests"] for bucket in counts["latency"]), sum(requests.values()))


def no_descriptor_is_left(daemon):
    """By clients that have gone, whatever they were about."""
    daemon.start()
    witness, _ = begin_poll(daemon)
    Varlink(daemon).operations()  # from now on the monitor's thread is there
    before = daemon.settled_descriptors(witness)
    for method in ("Subscribe", "Wait", "List"):
        gone = [Varlink(daemon) for _ in range(20)]
        for client in gone:
            client.send(OPERATIONS + method, more=True)
            client.receive()
        for client in gone:
            client.close()
            daemon.clients.remove(client)
    until("as many as before", lambda: daemon.settled_descriptors(witness) == before)


def a_watcher_keeps_the_daemon(daemon):
    """It is a client: the idle exit waits for it."""
    daemon.start("-t", "1")
    watcher = Varlink(daemon)
    watcher.send(OPERATIONS + "Subscribe", more=True)
    daemon.expect_to_run_for(1.8)
    watcher.close()
    expect(daemon.wait_exit(), 0)
