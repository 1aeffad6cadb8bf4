# SPDX-License-Identifier: LGPL-2.1-or-later
"""The state directory cannot be read or written, is full or slow: it is told once, and serving goes
on."""

import os
import re
import shutil
import subprocess
import tempfile

from client import TERMINATOR
from messages import HELLO, IN_PROGRESS, OK, exited, expect, progress, start
from waiting import Failure


def what_cannot_be_read_is_set_aside(daemon):
    """Rubbish, a record that was cut off, one of a later version, one of another boot: one
    warning."""
    daemon.start()
    expect(daemon.connect().ask(start()), OK)
    daemon.puppet("lv1").do("on-term exit 5")
    daemon.stop()
    state = daemon.socket + ".state"
    with open(f"{state}/poll-1") as file:
        record = file.read()
    unusable = ("{{{", record[:100], record.replace("lvmpolld_record = 1", "lvmpolld_record = 99"),
                re.sub('boot_id = ".*"', 'boot_id = "x"', record))
    for number, text in enumerate(unusable, start=2):
        with open(f"{state}/poll-{number}", "w") as file:
            file.write(text)
    daemon.start_again()
    daemon.puppet("lv1")
    warning = daemon.wait_for_log(r"set aside in .*")[0]
    for number in (2, 3, 4, 5):
        aside = os.path.exists(f"{state}/poll-{number}.set-aside")
        if f"poll-{number} (" not in warning or not aside:
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
    """A file in its place; and with none on purpose nothing is written and children aren't
    marked."""
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
    daemon.start_again()
    client = daemon.connect()
    expect(client.ask(start()), OK)
    child = daemon.puppet("lv1")
    if "LVMPOLLD_OPERATION" in child.environment or os.path.exists(daemon.socket + ".state"):
        raise Failure("something is kept")


def a_full_state_directory_is_told_once(daemon):
    """A file system of 16 KiB; and one that is mounted read-only."""
    state = daemon.socket + ".state"
    os.mkdir(state, 0o700)
    for options, error in (("size=16k,mode=0700", "No space left on device"),
                           ("ro,mode=0700", "Read-only file system")):
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", state], check=True)
        try:
            if daemon.process is None:
                daemon.start()
            else:
                daemon.log = ""
                daemon.start_again()
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


def a_stop_outlasts_no_hung_directory(daemon):
    """It names what was not written, and leaves neither a pidfile nor a socket file."""
    state = tempfile.mkdtemp(dir="/var/tmp") + "/state"
    daemon.start("--state-dir=" + state)
    client = daemon.connect()
    expect(client.ask(start()), OK)
    daemon.puppet("lv1").do("on-term exit 5")
    os.mkfifo(state + "/poll-2.new")
    client.send(start("id2", "lv2").encode() + TERMINATOR)
    daemon.wait_for_dump("vg/lv2")
    daemon.stop()
    daemon.wait_for_log("poll-2")
    if os.path.exists(daemon.socket):
        raise Failure("the socket file is left")
    shutil.rmtree(os.path.dirname(state))


def a_slow_state_directory_keeps_nobody_waiting(daemon):
    """But those whom it concerns: OK and results wait until they are recorded. Writing to a FIFO
    waits for a reader."""
    # In memory the clients' threads would write themselves.
    state = tempfile.mkdtemp(dir="/var/tmp") + "/state"
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
        daemon.kill()
        daemon.start_again()
        daemon.wait_for_log("some may be LOST. `lvs -a` shows")
        daemon.stop()
    finally:
        subprocess.run(["umount", "--lazy", state], check=True)
