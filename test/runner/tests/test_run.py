# SPDX-License-Identifier: LGPL-2.1-or-later
"""Real processes, which wait for nothing but each other."""

import io
import os
import signal
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from check import Check  # noqa: E402
from display import Lines  # noqa: E402
from durations import Durations  # noqa: E402
from run import Run  # noqa: E402
from schedule import Schedule  # noqa: E402


class TestRun(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.output = io.StringIO()

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def play(self, *checks, keep_going=True):
        schedule = Schedule(checks, {check.name: check.seconds for check in checks}, 2)
        display = Lines(self.output, self.folder.name)
        run = Run(schedule, display, Durations(self.folder.name), self.folder.name,
                  self.folder.name, keep_going)
        return run.play()

    def last_line(self):
        return self.output.getvalue().splitlines()[-1]

    def bash(self, name, script, **more):
        return Check(name, ("bash", "-c", script), 1, **more)

    def test_sums_of_the_counts(self):
        status = self.play(self.bash("a", "echo 3 passed, 0 failed"), self.bash("b", "true"))
        self.assertEqual((status, self.last_line()), (0, "4 passed, 0 failed"))

    def test_failed_need_is_a_failure_of_its_own(self):
        status = self.play(self.bash("build", "echo the reason; exit 1"),
                           self.bash("unit", "touch ran", needs=("build",)))
        self.assertEqual((status, self.last_line()), (1, "0 passed, 2 failed"))
        self.assertIn("\nthe reason\n", self.output.getvalue())
        self.assertFalse(os.path.exists(self.path("ran")))

    def test_stops_after_the_first_failure(self):
        status = self.play(self.bash("a", "exit 1"), self.bash("b", "touch ran", after=("a",)),
                           keep_going=False)
        self.assertEqual((status, self.last_line()), (1, "0 passed, 1 failed"))
        self.assertFalse(os.path.exists(self.path("ran")))

    def test_reported_only_does_not_fail_the_run(self):
        status = self.play(self.bash("a", "true"), self.bash("b", "exit 1", reported_only=True))
        self.assertEqual((status, self.last_line()), (0, "1 passed, 0 failed"))

    def test_command_that_is_not_there(self):
        status = self.play(Check("a", ("./none",), 1))
        self.assertEqual((status, self.last_line()), (1, "0 passed, 1 failed"))

    def test_time_limit(self):
        self.assertEqual(self.play(self.bash("a", "read <> <(:)", limit=0.1)), 1)
        self.assertIn("time limit", self.output.getvalue())

    def test_second_run_expects_what_the_first_took(self):
        check = Check("a", ("true",), 600)
        self.play(check)
        self.assertLess(Durations(self.folder.name).expected([check])["a"], 600)

    def interrupted(self, script):
        """Plays a check that opens the pipe `ready` when it can be interrupted."""
        os.mkfifo(self.path("ready"))

        def interrupt():
            with open(self.path("ready")):
                os.kill(os.getpid(), signal.SIGINT)

        thread = threading.Thread(target=interrupt)
        thread.start()
        status = self.play(self.bash("a", script))
        thread.join()
        self.assertEqual(status, 1)

    def test_interrupt_asks_the_check_to_end(self):
        self.interrupted("trap 'touch ended; exit' TERM; exec 3>ready 3>&-; sleep 600 & wait")
        self.assertTrue(os.path.exists(self.path("ended")))

    def test_interrupt_ends_other_sessions_too(self):
        self.interrupted("setsid bash -c 'echo $$ >pid; exec 3>ready 3>&-; exec sleep 600' & wait")
        with open(self.path("pid")) as file:
            self.assertFalse(os.path.exists(f"/proc/{int(file.read())}/cwd"))


if __name__ == "__main__":
    unittest.main()
