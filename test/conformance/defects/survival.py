# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the daemon knows outlives it. `survive` does this two hundred times at random; here are the single cases."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

from harness import DEADLINE, TERMINATOR, Failure, remaining
from messages import HELLO, IN_PROGRESS, NOT_FOUND, OK, abort, exited, expect, killed, progress, start


def _kill(daemon):
    daemon.send_signal("KILL")
    daemon.wait_exit()


def _start_again(daemon, *options, **popen):
    log = daemon.log
    daemon.launch([daemon.program, *daemon.arguments(), *options], **popen)
    return log


def _records(daemon):
    return sorted(name for name in os.listdir(daemon.socket + ".state") if re.match(r"(poll|abort)-\d+$", name))


def _wait_for_records(daemon, client, names):
    end = time.monotonic() + DEADLINE
    while (records := _records(daemon)) != names:
        remaining(end, f"{names} instead of {records}")
        client.ask('request="hello"')


def an_operation_goes_on_after_a_stop(daemon):
    """Its lvpoll is retired, which is no result, and a new one started by the next daemon."""
    daemon.start()
    expect(daemon.connect().ask(start()), OK)
    first = daemon.puppet("lv1")
    first.do("on-term exit 5")
    daemon.stop()
    first.ended()
    _start_again(daemon)
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
    daemon.start()
    client = daemon.connect()
    expect(client.ask(start()), OK)
    daemon.puppet("lv1")
    client.close()
    daemon.stop()
    _start_again(daemon)
    expect(daemon.connect().ask(progress()), NOT_FOUND)
    daemon.stage.expect_no_more()


def a_child_of_a_killed_daemon_is_not_doubled(daemon):
    """Then one more lvpoll says how it has ended. Its end of the pipe being gone must not matter to it."""
    daemon.start()
    expect(daemon.connect().ask(start()), OK)
    first = daemon.puppet("lv1")
    _kill(daemon)
    _start_again(daemon)
    client = daemon.connect()
    expect(client.ask(progress()), IN_PROGRESS)
    daemon.stage.expect_no_more()
    first.do("exit 0", wait=False)
    second = daemon.puppet("lv1")
    second.do("exit 5")
    expect(client.result(progress()), exited(5))


def _run_lvm_by_a_script(daemon):
    path = os.path.join(daemon.directory, "lvm")
    with open(path, "w") as file:
        file.write(f'#!/bin/sh\n"{daemon.fake_lvm}" "$@"\n')
    os.chmod(path, 0o700)
    daemon.fake_lvm = path


def a_child_beneath_a_script_is_waited_for(daemon):
    """-B may name a script: what it runs has survived the kill, whether or not the script has."""
    _run_lvm_by_a_script(daemon)
    daemon.start()
    expect(daemon.connect().ask(start()), OK)
    first = daemon.puppet("lv1")
    _kill(daemon)
    _start_again(daemon)
    client = daemon.connect()
    expect(client.ask(progress()), IN_PROGRESS)
    daemon.stage.expect_no_more()
    with open(f"/proc/{first.pid}/stat") as file:
        script = int(file.read().rpartition(")")[2].split()[1])
    os.kill(script, signal.SIGKILL)
    expect(client.ask(progress()), IN_PROGRESS)
    daemon.stage.expect_no_more()
    first.do("exit 0", wait=False)
    daemon.puppet("lv1").do("exit 5")
    expect(client.result(progress()), exited(5))


def a_script_is_recognised_after_a_kill(daemon):
    """Its interpreter comes first in its command line. Every operation ran twice."""
    gate = os.path.join(daemon.directory, "gate")
    os.mkfifo(gate)
    genuine = daemon.fake_lvm
    daemon.fake_lvm = os.path.join(daemon.directory, "lvm")
    with open(daemon.fake_lvm, "w") as file:
        file.write(f'#!/bin/sh -e\n: > {gate}\nread x < {gate}\nexec {genuine} "$@"\n')
    os.chmod(daemon.fake_lvm, 0o700)
    daemon.start()
    expect(daemon.connect().ask(start()), OK)
    with open(gate, "rb"):  # it has come to its first line
        pass
    _kill(daemon)
    _start_again(daemon, "-l", "info")
    daemon.wait_for_log("taking up 1 operations of an earlier daemon, 1 of whose lvpolls still run")
    with open(gate, "wb") as file:
        file.write(b"\n")
    daemon.puppet("lv1").do("exit 0", wait=False)
    for step in ("rb", "wb"):
        with open(gate, step) as file:
            if step == "wb":
                file.write(b"\n")
    daemon.puppet("lv1").do("exit 5")
    expect(daemon.connect().result(progress()), exited(5))


def what_a_script_runs_ends_with_the_daemon(daemon):
    """SIGTERM reaches the lvm beneath it, and the stop waits until that has ended."""
    _run_lvm_by_a_script(daemon)
    daemon.start()
    expect(daemon.connect().ask(start()), OK)
    child = daemon.puppet("lv1")
    child.do("on-term tell")
    daemon.send_signal()
    child.signalled()
    daemon.expect_to_run_for(0.3)
    child.do("exit 5")
    expect(daemon.wait_exit(), 0)


def a_script_that_leaves_its_lvm_is_not_the_end(daemon):
    """The result comes when that has ended, and nothing is started beside it."""
    _run_lvm_by_a_script(daemon)
    daemon.start()
    client = daemon.connect()
    expect(client.ask(start()), OK)
    child = daemon.puppet("lv1")
    os.kill(daemon.children()[0], signal.SIGKILL)
    while daemon.children():
        expect(client.ask(progress()), IN_PROGRESS)
    expect(client.ask(progress()), IN_PROGRESS)
    daemon.stage.expect_no_more()
    child.do("exit 0", wait=False)
    expect(client.result(progress()), killed(9))


def an_abort_goes_on_after_a_kill_beside_its_poll(daemon):
    """Both stores are recorded, each on its own; and no lvpoll of the poll operation runs beside the abort's."""
    daemon.start()
    client = daemon.connect()
    expect(client.ask(start()), OK)
    daemon.puppet("lv1").do("on-term exit 5")
    expect(client.ask(abort()), OK)
    aborting = daemon.puppet("lv1:abort")
    expect(_records(daemon), ["abort-1", "poll-1"])
    _kill(daemon)
    aborting.do("exit 0", wait=False)
    _start_again(daemon)
    aborting = daemon.puppet("lv1:abort")
    client = daemon.connect()
    expect(client.ask(progress()), IN_PROGRESS)
    daemon.stage.expect_no_more()
    aborting.do("exit 0", wait=False)
    daemon.puppet("lv1").do("exit 0", wait=False)
    expect(client.result(progress(more="abort=1")), exited(0))
    expect(client.result(progress()), exited(0))


def a_result_is_there_after_a_restart(daemon):
    """lvm takes not_found for success."""
    daemon.start()
    waiting = daemon.connect()
    for number, end in ((1, "exit 5"), (2, "kill 9")):
        expect(waiting.ask(start(f"id{number}", f"lv{number}")), OK)
        daemon.puppet(f"lv{number}").do(end)
    daemon.wait_for_dump("value=9")
    daemon.wait_for_dump("value=5")
    _kill(daemon)
    _start_again(daemon)
    client = daemon.connect()
    expect(client.ask(progress("id1")), exited(5))
    daemon.stop()
    _start_again(daemon)
    client = daemon.connect()
    expect(client.ask(progress("id1")), NOT_FOUND)
    expect(client.ask(progress("id2")), killed(9))
    expect(client.ask(progress("id2")), NOT_FOUND)
    _wait_for_records(daemon, client, [])  # a record goes after the answer


def what_cannot_be_read_is_set_aside(daemon):
    """Rubbish, a record that was cut off, one of a later version, one of another boot: one warning."""
    daemon.start()
    expect(daemon.connect().ask(start()), OK)
    daemon.puppet("lv1").do("on-term exit 5")
    daemon.stop()
    state = daemon.socket + ".state"
    with open(f"{state}/poll-1") as file:
        record = file.read()
    for number, text in enumerate(("{{{", record[:100], record.replace("lvmpolld_record = 1", "lvmpolld_record = 99"),
                                   re.sub('boot_id = ".*"', 'boot_id = "x"', record)), start=2):
        with open(f"{state}/poll-{number}", "w") as file:
            file.write(text)
    _start_again(daemon)
    daemon.puppet("lv1")
    warning = daemon.wait_for_log(r"set aside in .*")[0]
    for number in (2, 3, 4, 5):
        if f"poll-{number} (" not in warning or not os.path.exists(f"{state}/poll-{number}.set-aside"):
            raise Failure(f"poll-{number} isn't set aside: {warning}")
    daemon.stage.expect_no_more()


def a_vanished_state_directory_is_told_once(daemon):
    """In the log and in the dump."""
    daemon.start()
    client = daemon.connect()
    expect(client.ask(start("first", "first")), OK)
    shutil.rmtree(daemon.socket + ".state")
    for number in range(3):
        expect(client.ask(start(f"id{number}", f"lv{number}")), OK)
        daemon.puppet(f"lv{number}").do("exit 5")
        expect(client.result(progress(f"id{number}")), exited(5))
    daemon.wait_for_log("CAN'T be written to the state directory")
    if (count := daemon.log.count("CAN'T be written")) != 1:
        raise Failure(f"said {count} times")
    if "# Trouble: " not in (dump := client.ask('request="dump"')):
        raise Failure(f"not in the dump: {dump}")


def it_serves_without_a_usable_state_directory(daemon):
    """A file in its place; and with none on purpose nothing is written and children aren't marked."""
    with open(daemon.socket + ".state", "w"):
        pass
    daemon.start()
    daemon.wait_for_log("will be LOST with this process: cannot open the state directory")
    client = daemon.connect()
    expect(client.ask(start()), OK)
    daemon.puppet("lv1").do("exit 5")
    expect(client.result(progress()), exited(5))
    daemon.stop()
    os.unlink(daemon.socket + ".state")
    daemon.options.append("--state-dir=none")
    _start_again(daemon)
    client = daemon.connect()
    expect(client.ask(start()), OK)
    child = daemon.puppet("lv1")
    if "LVMPOLLD_OPERATION" in child.environment or os.path.exists(daemon.socket + ".state"):
        raise Failure("something is kept")


def a_full_state_directory_is_told_once(daemon):
    """A file system of 16 KiB; and one that is mounted read-only."""
    state = daemon.socket + ".state"
    os.mkdir(state, 0o700)
    for options, error in (("size=16k,mode=0700", "No space left on device"), ("ro,mode=0700", "Read-only file system")):
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", state], check=True)
        try:
            if daemon.process is None:
                daemon.start()
            else:
                daemon.log = ""
                _start_again(daemon)
            client = daemon.connect()
            for number in range(8):
                expect(client.ask(start(f"id{number}", f"lv{number}")), OK)
            for number in range(8):
                daemon.puppet(f"lv{number}").do("exit 5")
                expect(client.result(progress(f"id{number}")), exited(5))
            daemon.wait_for_log(error)
            daemon.stop()
        finally:
            subprocess.run(["umount", "--lazy", state], check=True)


def a_slow_state_directory_keeps_nobody_waiting(daemon):
    """But those whom it concerns: OK and results wait until they are recorded. Writing to a FIFO waits for a reader."""
    state = tempfile.mkdtemp(dir="/var/tmp") + "/state"  # in memory the clients' threads would write themselves
    daemon.start("--state-dir=" + state)
    clients = [daemon.connect() for _ in range(6)]  # on both threads
    for number in (1, 2):
        expect(clients[0].ask(start(f"id{number}", f"lv{number}")), OK)
    first, second = daemon.puppet("lv1"), daemon.puppet("lv2")
    slow = state + "/poll-3.new"
    os.mkfifo(slow)
    for client in clients[1:3]:
        client.send(start("id3", "lv3").encode() + TERMINATOR)
    daemon.wait_for_dump("vg/lv3")
    first.do("exit 5")
    for client in clients[3:] + [clients[0]]:
        expect(client.ask('request="hello"'), HELLO)
        expect(client.ask(progress("id2")), IN_PROGRESS)
        if "vg/lv3" not in client.ask('request="dump"'):
            raise Failure("the dump lacks an operation")
    daemon.stage.expect_no_more()
    clients[0].ask('request="hello"')
    for client in clients[1:3]:
        client.expect_silence()
    expect(clients[0].ask(progress("id1")), IN_PROGRESS)
    with open(slow, "rb"):
        for client in clients[1:3]:
            expect(client.reply(), OK)
    expect(clients[0].result(progress("id1")), exited(5))
    daemon.puppet("lv3").do("exit 3")
    for client in clients[1:3]:
        expect(client.result(progress("id3")), exited(3))
    second.do("exit 7")
    expect(clients[0].result(progress("id2")), exited(7))
    daemon.stop()
    shutil.rmtree(os.path.dirname(state))


def a_start_says_that_operations_may_be_lost(daemon):
    """The state directory was full when they were accepted, and then the daemon was killed."""
    state = daemon.socket + ".state"
    os.mkdir(state, 0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k,mode=0700", "tmpfs", state], check=True)
    try:
        daemon.start()
        client = daemon.connect()
        for number in range(8):
            expect(client.ask(start(f"id{number}", f"lv{number}")), OK)
            daemon.puppet(f"lv{number}")
        daemon.wait_for_log("No space left on device")
        _kill(daemon)
        _start_again(daemon)
        daemon.wait_for_log("some may be LOST. `lvs -a` shows")
        daemon.stop()
    finally:
        subprocess.run(["umount", "--lazy", state], check=True)


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
