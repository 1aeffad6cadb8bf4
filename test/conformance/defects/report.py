# SPDX-License-Identifier: LGPL-2.1-or-later
"""lvmpollctl report: everything that can be had, in one file, and what can't be, by name."""

import os
import re
import shutil
import stat
import subprocess

from lvmpollctl import command
from messages import OK, expect, start
from waiting import Failure

PATIENCE = 120  # a dozen programs, each with its limit
SECTIONS = ["versions", "doctor", "operations", "varlink", "dump", "state directory",
            "device-mapper", "units", "configuration", "journal"]


def _report(daemon, *arguments, code=0, **popen):
    """The text, or what is said if there is none."""
    done = subprocess.run([*command(daemon, "report"), *arguments], env=daemon.environment,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE,
                          text=True, cwd=daemon.directory, **popen)
    expect((done.returncode, done.stderr if done.returncode != code else ""), (code, ""))
    return done.stdout if code == 0 else done.stderr


def _expect_parts(text, *parts):
    for part in parts:
        if part not in text:
            raise Failure(f"{part!r} is not in the report:\n{text}")


def it_holds_what_a_daemon_tells(daemon):
    """In a new file that its owner alone can read, in the current directory."""
    daemon.start()
    expect(daemon.connect().ask(start()), OK)
    daemon.puppet("lv1")
    said = _report(daemon)
    name = re.match(r"lvmpolld-report-\d{8}T\d{6}Z\.txt", said)[0]
    path = os.path.join(daemon.directory, name)
    expect(stat.S_IMODE(os.stat(path).st_mode), 0o600)
    with open(path) as file:
        text = file.read()
    expect(re.findall("^=== (.*)$", text, re.M), SECTIONS)
    _expect_parts(text, f"PID {daemon.pid}, version ", '"vendor":', '"logicalVolume":"lv1"',
                  '"takenUp":0', 'lvname="vg/lv1"', "# Engine: watch", "# poll-1\n",
                  "crashes   none is known since the boot", "use_lvmpolld=1", "Linux ")


def anonymous_it_holds_no_names(daemon):
    """In no section, and the same volume is the same everywhere."""
    daemon.start()
    expect(daemon.connect().ask(start("id1", "orders").replace('"vg"', '"sales"')), OK)
    daemon.puppet("orders")
    text = _report(daemon, "--anonymous", "-")
    if names := re.findall(r"\b(?:sales|orders)\b", text):
        raise Failure(f"{names} are in the report:\n{text}")
    _expect_parts(text, 'lvname="vg1/lv1"', '"volumeGroup":"vg1"', 'vgname = "vg1"')


def without_a_daemon_it_starts_none(daemon):
    """It says that there is none, and has the rest."""
    text = _report(daemon, "-")
    expect(re.findall("^=== (.*)$", text, re.M), SECTIONS)
    _expect_parts(text, "no daemon is known to run", "  varlink: no daemon runs\n",
                  "  dump: no daemon runs\n", "none runs")
    expect(os.path.exists(daemon.pidfile), False)


def a_user_is_told_what_is_left(daemon):
    """Others than root: what is refused is named, and the report is written."""
    daemon.start()
    program = shutil.copy(command(daemon)[0], daemon.directory)
    os.chmod(daemon.directory, 0o755)
    # What test/coverage collects is root's.
    environment = {**daemon.environment, "LLVM_PROFILE_FILE": "/dev/null"}
    done = subprocess.run([program, *command(daemon, "report", "-")[1:]], env=environment,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE,
                          text=True, cwd="/", user=65534, group=65534, extra_groups=[])
    expect((done.returncode, done.stderr), (0, ""))
    _expect_parts(done.stdout, "as user 65534", "Permission denied", "Linux ")
    expect(re.findall("^=== (.*)$", done.stdout, re.M), SECTIONS)


def a_file_that_exists_is_left_alone(daemon):
    """Also a link that somebody has put there, or a folder that isn't there."""
    path = os.path.join(daemon.directory, "report")
    os.symlink("/dev/null", path)
    expect("exists, and stays as it is" in _report(daemon, path, code=1), True)
    expect(os.readlink(path), "/dev/null")
    expect("No such file or directory" in _report(daemon, "/no/such/folder", code=1), True)
    expect("has no JSON" in _report(daemon, "--json", "-", code=2), True)
