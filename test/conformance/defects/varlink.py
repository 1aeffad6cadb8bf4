# SPDX-License-Identifier: LGPL-2.1-or-later
"""What those who watch are told over Varlink, and that it costs nobody anything."""

import os
import stat
import time

from messages import OK, exited, expect, progress, start
from varlink import OPERATIONS, SERVICE, Varlink
from waiting import Failure, readable, until


def _poll(daemon, number=1, lv=None):
    """A client that waits for a new operation, and its lvpoll."""
    client = daemon.connect()
    lv = lv or f"lv{number}"
    expect(client.ask(start(f"id{number}", lv)), OK)
    return client, daemon.puppet(lv)


def _changes_until(subscriber, last):
    """The operations that a subscriber is told of, up to one of which `last` is true."""
    told = []
    while not told or not last(told[-1]):
        told.append(subscriber.receive()["parameters"].get("operation"))
    return told


def the_socket_is_private(daemon):
    """Mode 0600, and gone after the stop."""
    daemon.start()
    path = daemon.socket + ".varlink"
    expect(stat.filemode(os.stat(path).st_mode)[1:], "rwx------")
    daemon.stop()
    expect(os.path.exists(path), False)


def no_socket_if_none_is_wanted(daemon):
    """--varlink-socket=none."""
    daemon.start("--varlink-socket=none")
    expect(os.path.exists(daemon.socket + ".varlink"), False)


def another_socket(daemon):
    """--varlink-socket=PATH."""
    daemon.start("--varlink-socket=" + daemon.socket + "2.varlink")
    daemon.socket += "2"
    expect(Varlink(daemon).call(SERVICE + "GetInfo")["parameters"]["product"], "lvmpolld")
    daemon.socket = daemon.socket[:-1]


def polls_without_a_socket(daemon):
    """What is in the way of the second socket does not keep the daemon from its work."""
    with open(daemon.socket + ".varlink", "w"):
        pass
    daemon.start()
    daemon.wait_for_log(r"warning: nobody can watch over Varlink: .*\.varlink is in the way")
    client, child = _poll(daemon)
    child.do("exit 0")
    expect(client.result(progress("id1")), exited(0))


def describes_itself(daemon):
    """GetInfo, and a description of each interface that it names."""
    daemon.start()
    client = Varlink(daemon)
    info = client.call(SERVICE + "GetInfo")["parameters"]
    expect(set(info), {"vendor", "product", "version", "url", "interfaces"})
    for interface in info["interfaces"]:
        reply = client.call(SERVICE + "GetInterfaceDescription", {"interface": interface})
        expect(f"\ninterface {interface}\n" in reply["parameters"]["description"], True)


def errors_are_the_standard_ones(daemon):
    """Interface, method, parameter."""
    daemon.start()
    client = Varlink(daemon)
    for method, parameters, error, detail in [
            ("a.b.C", {}, "InterfaceNotFound", {"interface": "a.b"}),
            (OPERATIONS + "Drop", {}, "MethodNotFound", {"method": OPERATIONS + "Drop"}),
            (OPERATIONS + "List", {"all": True}, "InvalidParameter", {"parameter": "all"}),
            (OPERATIONS + "Subscribe", {}, "ExpectedMore", {}),
            (SERVICE + "GetInterfaceDescription", {"interface": "a.b"},
             "InterfaceNotFound", {"interface": "a.b"})]:
        expect(client.call(method, parameters), {"error": SERVICE + error, "parameters": detail})


def what_is_no_call_ends_the_connection(daemon):
    """That one only: what isn't JSON or isn't a call, what is nested too deeply or is too long."""
    daemon.start()
    other = Varlink(daemon)
    for message in [b"\0", b"nonsense\0", b"[]\0", b'{"method":1}\0',
                    b'{"method":"a.b","x":' + b"[" * 30000 + b"\0", b"x" * 70000]:
        client = Varlink(daemon)
        client.send_bytes(message)
        client.expect_closed()
    expect(other.call(SERVICE + "GetInfo")["parameters"]["product"], "lvmpolld")


def calls_are_answered_in_their_order(daemon):
    """Pipelined, split anywhere, one without a reply; a client that sends no more hears all."""
    daemon.start()
    client = Varlink(daemon)
    calls = b'{"method":"a.b.C"}\0{"method":"a.b.C","oneway":true}\0{"method":"d.e.F"}\0'
    for position in range(len(calls)):
        client.send_bytes(calls[position:position + 1])
    client.socket.shutdown(1)
    expect([client.receive()["parameters"]["interface"] for _ in range(2)], ["a.b", "d.e"])
    client.expect_closed()


def lists_an_operation(daemon):
    """With all that the daemon knows of it."""
    daemon.start()
    _, child = _poll(daemon)
    operation, = Varlink(daemon).operations()
    expect(operation["identifier"], "poll-1")
    expect(operation["context"],
           {"type": "pvmove", "store": "poll", "polledBy": "daemon", "volumeGroup": "vg",
            "logicalVolume": "lv1", "lvid": "id1", "interval": 15_000_000})
    runtime = operation["runtime"]
    expect((runtime["state"], runtime["engine"], runtime["childProcess"]),
           ("resident", "resident", child.pid))
    expect((runtime["waitingClients"], runtime["requests"]), (1, 1))
    if not time.time() - 60 < runtime["started"] / 1e6 <= time.time():
        raise Failure(f"started at {runtime['started']}")


def lists_what_the_filter_wants(daemon):
    """Of three, one; without "more" that has to be one, and is an error otherwise."""
    daemon.start()
    for number in (1, 2, 3):
        _poll(daemon, number)
    client = Varlink(daemon)
    expect([each["identifier"] for each in client.operations()], ["poll-1", "poll-2", "poll-3"])
    expect([each["identifier"] for each in client.operations(logicalVolume="lv2")], ["poll-2"])
    expect(client.operations(logicalVolume="lv2", states=["finished"]), [])
    one = client.call(OPERATIONS + "List", {"filter": {"logicalVolume": "lv3"}})
    expect(one["parameters"]["operation"]["identifier"], "poll-3")
    expect(client.call(OPERATIONS + "List")["error"], SERVICE + "ExpectedMore")


def a_result_is_not_used_up(daemon):
    """Whoever watches reads it, before and after the client does, and again and again."""
    daemon.start()
    watcher = Varlink(daemon)
    client, child = _poll(daemon)
    child.do("exit 5")
    until("finished", lambda: watcher.operations(states=["finished"]))
    expect(client.result(progress("id1")), exited(5))
    for _ in range(2):
        operation, = watcher.operations()
        expect(operation["runtime"]["result"], {"ending": "failed", "exitCode": 5})
    expect(client.ask(progress("id1")), 'response = "not_found"\n')


def shows_what_lvpoll_has_printed(daemon):
    """The last 8 lines, of at most 256 bytes, while it runs and when it has ended."""
    daemon.start()
    watcher = Varlink(daemon)
    client, child = _poll(daemon)
    runtime = lambda: watcher.operations()[0]["runtime"]
    expect(runtime().get("output"), None)
    child.do(r"print out 1   first\n")
    until("a line", lambda: runtime().get("output") == ["  first"])
    for number in range(8):
        child.do(rf"print err 1 line {number}\n")
    until("the last line", lambda: runtime()["output"][-1] == "line 7")
    child.do("print out 300 x")
    child.do("exit 5")
    client.result(progress("id1"))
    expect(runtime()["output"], [*(f"line {number}" for number in range(1, 8)), "x" * 256])


def a_result_has_its_reason(daemon):
    """What lvpoll printed last."""
    daemon.start()
    watcher = Varlink(daemon)
    client, child = _poll(daemon)
    child.do(r"print err 1   Failed to find it.\n")
    child.do("exit 5")
    client.result(progress("id1"))
    expect(watcher.operations()[0]["runtime"]["result"]["reason"], "Failed to find it.")


def watching_joins_nothing(daemon):
    """The request count stays, and with the client the claim is free."""
    daemon.start()
    client, child = _poll(daemon)
    watcher = Varlink(daemon)
    watcher.send(OPERATIONS + "Wait", more=True)
    Varlink(daemon).operations()
    client.close()
    daemon.clients.remove(client)
    child.do("exit 0")
    while watcher.receive().get("continues"):
        pass
    operation, = Varlink(daemon).operations()
    expect(operation["runtime"]["requests"], 1)
    expect(daemon.connect().result(progress("id1")), exited(0))


def the_last_256_results_stay(daemon):
    """And no more."""
    daemon.start()
    client = daemon.connect()
    for number in range(260):
        expect(client.ask(start(f"id{number}", "lv")), OK)
        daemon.puppet("lv").do("exit 0")
        expect(client.result(progress(f"id{number}")), exited(0))
    expect([each["context"]["lvid"] for each in Varlink(daemon).operations()],
           [f"id{number}" for number in range(4, 260)])


def a_subscriber_is_told_of_changes(daemon):
    """First what is there, and that this is all of it; then what begins and ends."""
    daemon.start()
    _, first = _poll(daemon, 1)
    subscriber = Varlink(daemon)
    subscriber.send(OPERATIONS + "Subscribe", more=True)
    expect(subscriber.receive()["parameters"]["operation"]["identifier"], "poll-1")
    expect(subscriber.receive(), {"parameters": {}, "continues": True})
    _, second = _poll(daemon, 2)
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
    client, _ = _poll(daemon)
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
    children = [_poll(daemon, number)[1] for number in (1, 2, 3)]
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
    _poll(daemon)
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
        _poll(daemon, number)
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
    client, child = _poll(daemon)
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
    witness, _ = _poll(daemon)
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
