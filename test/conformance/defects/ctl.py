# SPDX-License-Identifier: LGPL-2.1-or-later
"""lvmpollctl beside a daemon. How its output looks is tested in test/unit/ctl and test/ctl."""

import json
import os
import signal
import socket
import subprocess

from lvmpollctl import command
from waiting import DEADLINE, Failure
from messages import OK, exited, expect, progress, start

DONE, FAILED, USAGE, NOTHING, TIMEOUT, INTERRUPTED = 0, 1, 2, 3, 124, 130


def _run(daemon, *arguments, code=DONE):
    """What it prints to standard output and to standard error."""
    done = subprocess.run(
        command(daemon, *arguments),
        env=daemon.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=DEADLINE,
        text=True,
    )
    expect(
        (done.returncode, arguments, done.stderr if done.returncode != code else ""),
        (code, arguments, ""),
    )
    return done.stdout, done.stderr


def _begin(daemon, *arguments):
    """In the background."""
    return subprocess.Popen(
        command(daemon, *arguments),
        env=daemon.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _watch(daemon, *arguments):
    """A running watch that has told of something, and what it told."""
    watch = _begin(daemon, "watch", *arguments)
    return watch, watch.stdout.readline()


def _end(process, code):
    try:
        output, errors = process.communicate(timeout=DEADLINE)
    except subprocess.TimeoutExpired:
        process.kill()
        raise Failure("lvmpollctl does not end") from None
    expect((process.returncode, errors if process.returncode != code else ""), (code, ""))
    return output, errors


def _poll(daemon, number=1, operation="pvmove"):
    client = daemon.connect()
    expect(client.ask(start(f"id{number}", f"lv{number}", operation)), OK)
    return client, daemon.puppet(f"lv{number}")


def _listed(daemon, *arguments):
    """LV and state of each that it lists."""
    output, _ = _run(daemon, "--json", "list", *arguments)
    return [
        (each["context"]["logicalVolume"], each["runtime"]["state"])
        for each in json.loads(output)["operations"]
    ]


def lists_what_the_daemon_polls(daemon):
    """As a table and as JSON; what has ended is not listed."""
    daemon.start()
    expect(_run(daemon)[0], "Nothing long is under way.\n")
    client, child = _poll(daemon)
    _poll(daemon, 2, "merge")
    expect(
        _run(daemon)[0], "VG/LV   WHAT   STATE\nvg/lv1  move   polling\nvg/lv2  merge  polling\n"
    )
    expect(_listed(daemon), [("lv1", "resident"), ("lv2", "resident")])
    expect(_listed(daemon, "--for", "merge"), [("lv2", "resident")])
    child.do("exit 0")
    expect(client.result(progress("id1")), exited(0))
    _run(daemon, "wait", "vg/lv1", "--quiet", code=NOTHING)
    expect(_listed(daemon, "vg"), [("lv2", "resident")])


def lists_by_the_dump(daemon):
    """Where the daemon serves no Varlink."""
    daemon.start("--varlink-socket=none")
    _poll(daemon)
    output, _ = _run(daemon)
    expect(output.partition("\n\n")[0], "VG/LV   WHAT  STATE\nvg/lv1  move  polling")
    expect("does not speak Varlink" in output, True)
    expect(json.loads(_run(daemon, "--json")[0])["source"], "dump")


def _idle_sockets(daemon):
    """As the service manager's while no daemon runs."""
    listeners = []
    for path in (daemon.socket, daemon.socket + ".varlink"):
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(path)
        listener.listen()
        listener.setblocking(False)
        listeners.append(listener)
    return listeners


def _expect_no_connection(listeners):
    for listener in listeners:
        try:
            listener.accept()
        except BlockingIOError:
            continue
        finally:
            listener.close()
        raise Failure("it has connected to an idle daemon's socket")


def listing_starts_no_daemon(daemon):
    """Nobody connects to a socket behind which no daemon runs."""
    listeners = _idle_sockets(daemon)
    output, _ = _run(daemon, "--json")
    expect(json.loads(output)["source"], "kernel")
    _run(daemon, "wait", code=NOTHING)
    _expect_no_connection(listeners)


def waits_until_all_have_ended(daemon):
    """Exit status 0, and a line for each."""
    daemon.start()
    _, first = _poll(daemon)
    _, second = _poll(daemon, 2)
    watch, _ = _watch(daemon)
    first.do("exit 0")
    second.do("exit 0")
    expect(
        sorted(line.split(" ", 1)[1] for line in _end(watch, DONE)[0].splitlines()[-2:]),
        ["vg/lv1 move, done", "vg/lv2 move, done"],
    )


def a_failure_is_told_with_its_reason(daemon):
    """Exit status 1, with what lvpoll said, on standard error."""
    daemon.start()
    _, child = _poll(daemon)
    watch, _ = _watch(daemon)
    wait = _begin(daemon, "wait", "vg/lv1")
    expect(wait.stdout.readline(), "waiting for vg/lv1\n")
    child.do(r"print err 1   the disk is on fire\n")
    child.do("exit 5")
    output, errors = _end(wait, FAILED)
    expect(output, "")
    expect(
        errors.startswith(
            "lvmpollctl: vg/lv1: move failed: lvpoll exited with 5, the disk is on fire"
        ),
        True,
    )
    _end(watch, FAILED)


def a_timeout_leaves_all_alone(daemon):
    """Exit status 124, and the operation goes on."""
    daemon.start()
    _, child = _poll(daemon)
    _, errors = _run(daemon, "wait", "--timeout", "1s", code=TIMEOUT)
    expect(errors, "lvmpollctl: timeout: 1 still under way, and left alone\n")
    child.expect_alive()


def an_interrupt_leaves_all_alone(daemon):
    """Ctrl-C ends the watching, says so, and nothing else."""
    daemon.start()
    _, child = _poll(daemon)
    watch, _ = _watch(daemon)
    watch.send_signal(signal.SIGINT)
    expect(_end(watch, INTERRUPTED)[1], "lvmpollctl: interrupted; what is under way goes on\n")
    child.expect_alive()


def waits_over_a_restart(daemon):
    """The next daemon goes on with the operation, and the wait with it."""
    daemon.start()
    _, child = _poll(daemon)
    watch, _ = _watch(daemon, "--json")
    daemon.stop()
    daemon.launch([daemon.program, *daemon.arguments()])
    daemon.puppet("lv1").do("exit 0")
    last = json.loads(_end(watch, DONE)[0].splitlines()[-1])["operation"]
    expect(last["runtime"]["result"]["ending"], "completed")


def shows_everything_of_one(daemon):
    """Also of one that has ended."""
    daemon.start()
    client, child = _poll(daemon)
    output, _ = _run(daemon, "show", "vg/lv1")
    for line in (
        "vg/lv1: move",
        "  state             polling",
        f"  lvpoll            PID {child.pid}",
        "  commands waiting  1",
        "  LVID              id1",
    ):
        expect(
            (line in output.splitlines(), output if line not in output.splitlines() else ""),
            (True, ""),
        )
    child.do("exit 5")
    expect(client.result(progress("id1")), exited(5))
    _run(daemon, "wait", "-q", code=NOTHING)
    operation = json.loads(_run(daemon, "show", "poll-1", "--json")[0])["operation"]
    expect(operation["runtime"]["result"]["exitCode"], 5)
    expect(
        _run(daemon, "show", "vg/lv9", code=NOTHING)[1],
        "lvmpollctl: nothing long is known of 'vg/lv9'; 'lvmpollctl' lists what is under way\n",
    )


def aborts_no_more_than_one(daemon):
    """It refuses what is no move, several of them, and one whose source nobody shows."""
    daemon.start()
    _poll(daemon)
    _poll(daemon, 2, "merge")
    for what, reason in [
        ("vg/lv2", "vg/lv2 is no move but a merge"),
        ("vg/lv1", "does not show what vg/lv1 moves off"),
    ]:
        expect((reason in _run(daemon, "abort", what, code=FAILED)[1], what), (True, what))
    _poll(daemon, 3)
    expect("name one of vg/lv1, vg/lv3" in _run(daemon, "abort", "vg", code=FAILED)[1], True)
    _run(daemon, "abort", "vg9", code=NOTHING)
    _run(daemon, "abort", code=USAGE)


def doctor_knows_who_serves(daemon):
    """Version and engine of the daemon; what is wrong makes it fail."""
    daemon.start()
    output, _ = _run(daemon, "doctor", "--json")
    findings = {each["name"]: each for each in json.loads(output)["findings"]}
    expect(f"lvmpolld[{daemon.pid}], version" in findings["daemon"]["text"], True)
    expect(findings["engine"], {"mark": "ok", "name": "engine", "text": "watches the kernel"})


def doctor_says_how_to_start_a_daemon(daemon):
    """That none runs and nobody listens is a problem, with the way out."""
    output, _ = _run(daemon, "doctor", code=FAILED)
    expect("none runs" in output, True)
    expect("-> start lvmpolld" in output or "-> systemctl enable" in output, True)


def metrics_of_what_is_polled(daemon):
    """What is under way, what has failed, and what the daemon has counted."""
    daemon.start()
    client, child = _poll(daemon)
    _poll(daemon, 2, "merge")
    child.do("exit 5")
    expect(client.result(progress("id1")), exited(5))
    lines = _run(daemon, "metrics")[0].splitlines()
    for line in (
        "lvmpolld_running 1",
        "lvmpolld_up 1",
        'lvmpolld_operations{type="merge",state="resident",polled_by="daemon"} 1',
        'lvmpolld_operation_state{vg="vg",lv="lv2",lvid="id2",type="merge",state="resident",'
        'polled_by="daemon"} 1',
        'lvmpolld_requests_total{type="pvmove"} 1',
        'lvmpolld_operations_ended_total{type="pvmove",result="failed"} 1',
        "lvmpolld_lvpoll_runs_total 2",
    ):
        expect((line in lines, line), (True, line))
    failure = "lvmpolld_operation_failure_timestamp_seconds"
    labels = '{vg="vg",lv="lv1",lvid="id1",type="pvmove",result="failed"} '
    expect(len([line for line in lines if line.startswith(failure + labels)]), 1)
    expect(lines[-1], "# EOF")
    expect("pollctl list --json" in _run(daemon, "metrics", "--json", code=USAGE)[1], True)


def metrics_start_no_daemon(daemon):
    """Nor do they connect to its socket."""
    listeners = _idle_sockets(daemon)
    lines = _run(daemon, "metrics")[0].splitlines()
    expect(("lvmpolld_running 0" in lines, "lvmpolld_up 0" in lines), (True, True))
    _expect_no_connection(listeners)


def metrics_beside_a_daemon_that_is_deaf(daemon):
    """It runs, and does not answer: device-mapper tells."""
    daemon.start()
    os.unlink(daemon.socket)
    os.unlink(daemon.socket + ".varlink")
    output, errors = _run(daemon, "metrics")
    lines = output.splitlines()
    expect(("lvmpolld_running 1" in lines, "lvmpolld_up 0" in lines), (True, True))
    expect("does not listen" in errors, True)
