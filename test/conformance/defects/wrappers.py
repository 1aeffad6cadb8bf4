# SPDX-License-Identifier: LGPL-2.1-or-later
"""-B names a script that runs lvm: what it runs counts, whether or not the script still does."""

import os
import signal

from messages import IN_PROGRESS, OK, exited, expect, killed, progress, start
from steps import killed_beside_its_lvpoll, started


def _run_lvm_by_a_script(daemon):
    path = os.path.join(daemon.directory, "lvm")
    with open(path, "w") as file:
        file.write(f'#!/bin/sh\n"{daemon.fake_lvm}" "$@"\n')
    os.chmod(path, 0o700)
    daemon.fake_lvm = path


def a_child_beneath_a_script_is_waited_for(daemon):
    """-B may name a script: what it runs has survived the kill, whether or not the script has."""
    _run_lvm_by_a_script(daemon)
    client, first = killed_beside_its_lvpoll(daemon)
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
    daemon.kill()
    daemon.start_again("-l", "info")
    daemon.wait_for_log(r"takes up 1 operation \(vg/lv1\), 1 of whose lvpolls still runs")
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
    _, child = started(daemon)
    child.do("on-term tell")
    daemon.send_signal()
    child.signalled()
    daemon.expect_to_run_for(0.3)
    child.do("exit 5")
    expect(daemon.wait_exit(), 0)


def a_script_that_leaves_its_lvm_is_not_the_end(daemon):
    """The result comes when that has ended, and nothing is started beside it."""
    _run_lvm_by_a_script(daemon)
    client, child = started(daemon)
    os.kill(daemon.children()[0], signal.SIGKILL)
    while daemon.children():
        expect(client.ask(progress()), IN_PROGRESS)
    expect(client.ask(progress()), IN_PROGRESS)
    daemon.stage.expect_no_more()
    child.do("exit 0", wait=False)
    expect(client.result(progress()), killed(9))
