# SPDX-License-Identifier: LGPL-2.1-or-later
"""A daemon crashes: the next one says so, and what it takes up. If one record is the reason each
time, the record is set aside. strace ends the daemon right before it opens the record."""

import json
import os
import re
import signal
import subprocess

from lvmpollctl import command
from messages import IN_PROGRESS, OK, exited, expect, progress, start
from steps import killed_beside_its_lvpoll
from waiting import DEADLINE, Failure


def _die_opening(daemon, record, by=signal.SIGABRT):
    """A start that ends there, by its own fault or by a kill."""
    daemon.environment["ASAN_OPTIONS"] = "detect_leaks=0"  # it doesn't work under strace
    daemon.launch(["strace", "-f", "-qq", "-o", os.path.join(daemon.directory, "strace"),
                   "-P", record, "-e", "trace=openat",
                   "-e", f"inject=openat:signal={by.name.removeprefix('SIG')}",
                   daemon.program, *daemon.arguments()])
    expect(daemon.wait_exit(), -by)


def _findings(daemon):
    """What doctor says, by name."""
    done = subprocess.run(command(daemon, "doctor", "--json"), env=daemon.environment,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE)
    return {each["name"]: each for each in json.loads(done.stdout)["findings"]}


def the_next_start_says_what_it_takes_up(daemon):
    """One line, after a kill -9; none after a stop. doctor counts them."""
    killed_beside_its_lvpoll(daemon)
    daemon.wait_for_log("warning: the last daemon was killed or has crashed. This one takes up "
                        r"1 operation \(vg/lv1\), 1 of whose lvpolls still runs, and sets aside "
                        "nothing$")
    found = _findings(daemon)["crashes"]
    expect((found["mark"], "noticed at" in found["text"]), ("warning", True))
    daemon.kill()
    expect("none was started since" in _findings(daemon)["crashes"]["text"], True)
    daemon.start_again()
    daemon.wait_for_log(r"crashed \(2 in a row\)")
    daemon.connect().ask('request="hello"')
    expect("2 in a row" in _findings(daemon)["crashes"]["text"], True)
    daemon.stop()
    daemon.log = ""
    daemon.start_again()
    expect(daemon.connect().ask(progress()), IN_PROGRESS)
    expect("crashed" in daemon.log, False)
    expect(_findings(daemon)["crashes"]["mark"], "ok")


def a_record_that_kills_three_is_set_aside(daemon):
    """The fourth serves the others, and what is new at once."""
    daemon.start()
    client = daemon.connect()
    for number in (1, 2):
        expect(client.ask(start(f"id{number}", f"lv{number}")), OK)
        daemon.puppet(f"lv{number}").do("on-term exit 5")
    daemon.stop()
    state = daemon.socket + ".state"
    for death in range(3):
        expect(os.path.exists(f"{state}/poll-1"), True)
        _die_opening(daemon, "poll-1")
    daemon.start_again()
    client = daemon.connect()
    expect(client.ask(start("id3", "lv3")), OK)
    daemon.puppet("lv3").do("exit 0")
    expect(client.result(progress("id3")), exited(0))
    expect(client.ask(progress("id2")), IN_PROGRESS)
    daemon.puppet("lv2")
    daemon.stage.expect_no_more()
    expect((os.path.exists(f"{state}/poll-1"), os.path.exists(f"{state}/poll-1.set-aside")),
           (False, True))
    daemon.wait_for_log(r"error: set aside in .*: poll-1 \(3 daemons in a row have died over it, 3 "
                        r"of them by their own fault\)\. .*`vgchange --poll y`")
    daemon.wait_for_log(r"crashed \(3 in a row\)\. This one takes up 1 operation \(vg/lv2\), 0 of "
                        "whose lvpolls still run, and sets aside poll-1$")
    expect("poll-1.set-aside" in _findings(daemon)["records"]["text"], True)
    if len(re.findall("set aside in ", daemon.log)) != 1:
        raise Failure(f"said more than once: {daemon.log}")


def a_record_that_is_put_back_is_taken_up(daemon):
    """Renamed to what it was called; two deaths over it are forgiven by a start that goes well."""
    daemon.start()
    expect(daemon.connect().ask(start()), OK)
    daemon.puppet("lv1").do("on-term exit 5")
    daemon.stop()
    record = daemon.socket + ".state/poll-1"
    os.rename(record, record + ".set-aside")
    daemon.start_again()
    expect(daemon.connect().ask('request="hello"').startswith('response = "OK"'), True)
    daemon.stop()
    os.rename(record + ".set-aside", record)
    for _ in range(2):
        for _ in range(2):
            _die_opening(daemon, "poll-1")
        daemon.start_again()
        client = daemon.connect()
        expect(client.ask(progress()), IN_PROGRESS)
        daemon.puppet("lv1").do("on-term exit 5")
        daemon.stop()
    expect(os.path.exists(record), True)


def nine_kills_set_no_record_aside(daemon):
    """They may come from outside; the tenth start still serves."""
    daemon.start()
    expect(daemon.connect().ask(start()), OK)
    daemon.puppet("lv1").do("on-term exit 5")
    daemon.stop()
    for _ in range(9):
        _die_opening(daemon, "poll-1", signal.SIGKILL)
    daemon.start_again()
    client = daemon.connect()
    expect(client.ask(progress()), IN_PROGRESS)
    daemon.puppet("lv1").do("exit 0")
    expect(client.result(progress()), exited(0))
