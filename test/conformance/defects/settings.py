# SPDX-License-Identifier: LGPL-2.1-or-later
"""lvmpolld.conf, SIGHUP, and what the service manager is told meanwhile."""

import os
import subprocess

from messages import HELLO, OK, exited, expect, progress, start
from service_manager import ServiceManager

HELLO_REQUEST = 'request="hello"'


def _write(daemon, text):
    path = os.path.join(daemon.directory, "conf")
    with open(path, "w") as file:
        file.write(text)
    return path


def a_hangup_reads_the_settings_again(daemon):
    """What is under way goes on. What needs a restart is named."""
    conf = _write(daemon, "timeout = 0\n")
    daemon.start(f"--config={conf}", "--hangup=reload", "-l", "info")
    client = daemon.connect()
    expect(client.ask(start("id1", "lv1")), OK)
    puppet = daemon.puppet("lv1")
    _write(daemon, 'timeout = 1\nengine = "resident"\n')
    daemon.send_signal("HUP")
    daemon.wait_for_log("notice: from now on timeout = 1$")
    daemon.wait_for_log('warning: engine = "resident" will hold after a restart$')
    puppet.do("exit 5")
    expect(client.result(progress("id1")), exited(5))
    client.close()
    expect(daemon.wait_exit(), 0)
    daemon.wait_for_log("stopping: idle for 1 s")


def a_hangup_stops_unless_it_is_told_otherwise(daemon):
    """As the classical daemon does."""
    daemon.start(f"--config={_write(daemon, '')}")
    daemon.send_signal("HUP")
    expect(daemon.wait_exit(), 0)


def wrong_settings_keep_nobody_from_serving(daemon):
    """They are in the log, with file and line, and the default holds."""
    conf = _write(daemon, "# one\ntimeout = soon\nengine = 1\ncolour = 2\n")
    daemon.start(f"--config={conf}", ready=False)
    expect(daemon.connect().ask(HELLO_REQUEST), HELLO)
    daemon.wait_for_log(f"error: {conf}:2: .*not 'soon'. The default holds")
    daemon.wait_for_log(f"error: {conf}:3: engine is watch or resident, not '1'")
    daemon.wait_for_log(f"error: {conf}:4: there is no setting 'colour'")


def a_reload_of_wrong_settings_says_so(daemon):
    """And it goes on with the defaults in their place."""
    conf = _write(daemon, "timeout = 60\n")
    daemon.start(f"--config={conf}", "--hangup=reload", "-l", "info")
    expect(daemon.connect().ask(HELLO_REQUEST), HELLO)
    _write(daemon, "timeout =\n")
    daemon.send_signal("HUP")
    daemon.wait_for_log(f"error: {conf}:2: this is not the grammar")
    daemon.wait_for_log("from now on timeout = 0")


def settings_can_be_checked(daemon):
    """--check-config fails on what is wrong, and else shows what holds."""
    def check(text):
        return subprocess.run([daemon.program, f"--config={_write(daemon, text)}",
                               "--check-config"], capture_output=True, text=True, timeout=30)

    done = check("timeout = 60\n")
    expect((done.returncode, done.stderr), (0, ""))
    expect("timeout = 60\n" in done.stdout and 'verify = "suspect"\n' in done.stdout, True)
    done = check("\ntimeout = -60\n")
    expect((done.returncode, done.stdout), (1, ""))
    expect(":2: timeout takes a whole number" in done.stderr, True)


def the_service_manager_is_told_of_a_reload(daemon):
    """RELOADING=1, and READY=1 when it is done."""
    conf = _write(daemon, "")
    with ServiceManager(daemon) as manager:
        daemon.options += [f"--config={conf}", "--hangup=reload"]
        manager.start()
        manager.wait_for("READY=1")
        with manager.news:
            manager.said.clear()
        daemon.send_signal("HUP")
        manager.wait_for("RELOADING=1\nMONOTONIC_USEC=")
        manager.wait_for("READY=1\nSTATUS=no operations")


def the_watchdog_runs_with_operations_only(daemon):
    """Both loops answer for a sign of life."""
    daemon.environment["WATCHDOG_USEC"] = "300000"
    with ServiceManager(daemon) as manager:
        manager.start()
        manager.wait_for("READY=1\nSTATUS=no operations\nWATCHDOG_USEC=0")
        client = daemon.connect()
        expect(client.ask(start("id1", "lv1")), OK)
        puppet = daemon.puppet("lv1")
        for _ in range(3):
            manager.wait_for("WATCHDOG=1\nSTATUS=1 operation, vg/lv1\nWATCHDOG_USEC=300000")
            with manager.news:
                manager.said.clear()
        puppet.do("exit 5")
        expect(client.result(progress("id1")), exited(5))
        manager.wait_for("STATUS=no operations\nWATCHDOG_USEC=0")


def the_end_of_what_was_taken_up_is_shown(daemon):
    """The next daemon turns its watchdog off, too."""
    daemon.environment["WATCHDOG_USEC"] = "300000"
    with ServiceManager(daemon) as manager:
        manager.start()
        client = daemon.connect()
        expect(client.ask(start("id1", "lv1")), OK)
        client.close()
        puppet = daemon.puppet("lv1")
        manager.start_again()
        manager.wait_for("READY=1\nSTATUS=1 operation, vg/lv1\nWATCHDOG_USEC=300000")
        with manager.news:
            manager.said.clear()
        puppet.do("exit 0")
        daemon.puppet("lv1").do("exit 0")
        manager.wait_for("STATUS=no operations\nWATCHDOG_USEC=0")
