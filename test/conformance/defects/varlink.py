# SPDX-License-Identifier: LGPL-2.1-or-later
"""What those who ask are told over Varlink, and that it costs nobody anything."""

import os
import stat
import time

from messages import OK, exited, expect, progress, start
from steps import begin_poll
from varlink import OPERATIONS, SERVICE, Varlink
from waiting import Failure, until


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
    client, child = begin_poll(daemon)
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
    _, child = begin_poll(daemon)
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
        begin_poll(daemon, number)
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
    client, child = begin_poll(daemon)
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
    client, child = begin_poll(daemon)
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
    client, child = begin_poll(daemon)
    child.do(r"print err 1   Failed to find it.\n")
    child.do("exit 5")
    client.result(progress("id1"))
    expect(watcher.operations()[0]["runtime"]["result"]["reason"], "Failed to find it.")


def watching_joins_nothing(daemon):
    """The request count stays, and with the client the claim is free."""
    daemon.start()
    client, child = begin_poll(daemon)
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
