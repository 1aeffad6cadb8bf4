# SPDX-License-Identifier: LGPL-2.1-or-later
"""Beside lvm2's own daemon, which speaks no Varlink: its dump tells what it polls."""

import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "conformance"))

from daemon import Daemon  # noqa: E402
from messages import OK, start  # noqa: E402

from fake_daemon import PROGRAM  # noqa: E402

REFERENCE = "/sbin/lvmpolld"


class BesideLvm2sDaemon(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon(REFERENCE, os.environ["FAKE_LVM"])
        self.addCleanup(self.daemon.clean_up)
        self.daemon.start()
        self.client = self.daemon.connect()
        self.assertEqual(self.client.ask(start()), OK)
        self.child = self.daemon.puppet("lv1")

    def command(self, *arguments):
        return [
            PROGRAM,
            "--pidfile",
            self.daemon.pidfile,
            "--socket",
            self.daemon.socket,
            "--varlink-socket",
            self.daemon.socket + ".varlink",
            *arguments,
        ]

    def run_ctl(self, *arguments, code=0):
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=10)
        self.assertEqual((done.returncode, done.stderr), (code, ""))
        return done.stdout

    def test_lists(self):
        listed = json.loads(self.run_ctl("--json"))
        self.assertEqual(listed["source"], "dump")
        (operation,) = listed["operations"]
        self.assertEqual(
            (operation["context"]["polledBy"], operation["runtime"]["engine"]),
            ("daemon", "resident"),
        )
        self.assertEqual(operation["runtime"]["childProcess"], self.child.pid)
        self.assertIn("vg/lv1  move  polling", self.run_ctl())

    def test_metrics(self):
        lines = self.run_ctl("metrics").splitlines()
        self.assertIn("lvmpolld_up 1", lines)
        self.assertIn(
            'lvmpolld_operations{type="pvmove",state="resident",polled_by="daemon"} 1', lines
        )
        self.assertEqual([line for line in lines if line.startswith("lvmpolld_requests")], [])

    def test_waits_for_the_result(self):
        for code, ending in ((0, "completed"), (5, "failed")):
            with self.subTest(code=code):
                watch = subprocess.Popen(
                    self.command("watch", "--json"),
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
                self.assertEqual(
                    json.loads(watch.stdout.readline())["operation"]["runtime"]["state"], "resident"
                )
                self.child.do(f"exit {code}")
                output, errors = watch.communicate(timeout=10)
                self.assertEqual((watch.returncode, errors), (1 if code else 0, ""))
                result = json.loads(output.splitlines()[-1])["operation"]["runtime"]["result"]
                self.assertEqual((result["ending"], result["exitCode"]), (ending, code))
                self.assertEqual(self.client.ask(start()), OK)  # drops the result, and begins anew
                self.child = self.daemon.puppet("lv1")

    def test_doctor_knows_it(self):
        script = os.path.join(self.daemon.directory, "lvm")
        with open(script, "w") as file:
            file.write("#!/bin/sh\necho use_lvmpolld=1\n")
        os.chmod(script, 0o755)
        self.assertIn("is lvm2's own", self.run_ctl("doctor", "--lvm", script))


if __name__ == "__main__":
    unittest.main()
