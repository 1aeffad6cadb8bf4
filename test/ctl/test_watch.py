# SPDX-License-Identifier: LGPL-2.1-or-later
"""watch on a pseudo-terminal, and without one."""

import os
import re
import subprocess
import unittest

from fake_daemon import FakeDaemon, ended, operation
from terminal import DEADLINE, Terminal

HALF = 32 << 20


def _bars(terminal):
    return [line for line in terminal.text().splitlines() if line.startswith("vg0/pvmove")]


class Watch(unittest.TestCase):
    def test_bars_are_redrawn_in_place(self):
        for columns in (40, 80, 200):
            with self.subTest(columns=columns), FakeDaemon(
                operation(1), operation(2, HALF)
            ) as daemon, Terminal(daemon.command("watch"), columns) as terminal:
                terminal.wait_for("pvmove2.* 50%")
                daemon.tell(operation(1, HALF))
                terminal.wait_for("pvmove1.* 50%")
                self.assertEqual(len(_bars(terminal)), 2)
                self.assertTrue(
                    all(len(line) <= columns for line in terminal.text().splitlines()),
                    terminal.text(),
                )
                daemon.tell(ended(1), ended(2))
                self.assertEqual(terminal.exit_code(), 0)
                self.assertEqual(
                    [line.rstrip().split("]")[1].split()[0] for line in _bars(terminal)],
                    ["100%"] * 2,
                )

    def test_resizes(self):
        with FakeDaemon(operation(1), operation(2)) as daemon, Terminal(
            daemon.command("watch"), 200
        ) as terminal:
            terminal.wait_for("pvmove2.* 0%")
            for done, columns in enumerate((80, 40, 250, 41, 200), 1):
                terminal.resize(columns)
                daemon.tell(operation(2, done << 23))
                terminal.wait_for(f"pvmove2.* {100 * (done << 23) // (64 << 20)}%")
                self.assertEqual(len(_bars(terminal)), 2, terminal.text())
                self.assertEqual(len(terminal.text().splitlines()), 2, terminal.text())
                self.assertTrue(
                    all(len(line) <= columns for line in terminal.lines), terminal.text()
                )

    def test_resize_alone_redraws(self):
        with FakeDaemon(operation(1)) as daemon, Terminal(daemon.command("watch"), 40) as terminal:
            terminal.wait_for("pvmove1.* 0%")
            terminal.resize(120)
            terminal.wait_for(r"^vg0/pvmove1 move \[.{50,}\]")

    def test_more_than_the_terminal_has_rows(self):
        moves = [operation(number) for number in range(1, 31)]
        with FakeDaemon(*moves) as daemon, Terminal(
            daemon.command("watch"), 80, rows=10
        ) as terminal:
            terminal.wait_for("and 22 more")
            self.assertEqual(len(_bars(terminal)), 8)

    def test_interrupt_leaves_all_alone(self):
        with FakeDaemon(operation(1)) as daemon, Terminal(daemon.command("watch"), 80) as terminal:
            terminal.wait_for("pvmove1")
            terminal.interrupt()
            self.assertEqual(terminal.exit_code(), 130)
            self.assertRegex(terminal.text(), "interrupted; what is under way goes on")

    def test_failure_is_told_below_the_bars(self):
        with FakeDaemon(operation(1)) as daemon, Terminal(daemon.command("watch"), 80) as terminal:
            terminal.wait_for("pvmove1")
            daemon.tell(ended(1, 5))
            self.assertEqual(terminal.exit_code(), 1)
            self.assertRegex(
                terminal.text(), "lvmpollctl: vg0/pvmove1: move failed: lvpoll exited with 5$"
            )

    def test_colours(self):
        for arguments, environment, expected in (
            ((), {}, True),
            ((), {"NO_COLOR": "1"}, False),
            (("--color", "never"), {}, False),
            (("--color", "always"), {"NO_COLOR": "1"}, True),
        ):
            with self.subTest(arguments=arguments, environment=environment), FakeDaemon(
                operation(1, HALF)
            ) as daemon, Terminal(
                daemon.command("watch", *arguments), 80, **environment
            ) as terminal:
                terminal.wait_for("pvmove1.* 50%")
                self.assertEqual(bool(terminal.colours), expected)


class WithoutATerminal(unittest.TestCase):
    def test_lines_have_a_timestamp(self):
        with FakeDaemon(operation(1)) as daemon:
            watch = subprocess.Popen(
                daemon.command("watch"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            first = watch.stdout.readline()
            daemon.tell(operation(1, HALF), ended(1))
            rest, errors = watch.communicate(timeout=DEADLINE)
        self.assertRegex(first, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ vg0/pvmove1 move 0%, copying\n$")
        self.assertRegex(rest, r"Z vg0/pvmove1 move 100%, done\n$")
        self.assertEqual((watch.returncode, errors), (0, ""))

    def test_a_reader_that_goes_away_ends_it(self):
        with FakeDaemon(operation(1)) as daemon:
            watch = subprocess.Popen(
                daemon.command("watch"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            watch.stdout.readline()
            watch.stdout.close()
            daemon.tell(ended(1))
            watch.stderr.read()
            watch.stderr.close()
            self.assertNotEqual(watch.wait(DEADLINE), 0)


class List(unittest.TestCase):
    def test_is_as_wide_as_the_terminal(self):
        for columns in (40, 80, 200):
            with self.subTest(columns=columns), FakeDaemon(
                operation(1, HALF, bytesPerSecond=1 << 20)
            ) as daemon, Terminal(daemon.command(), columns) as terminal:
                self.assertEqual(terminal.exit_code(), 0)
                self.assertEqual(len(terminal.text().splitlines()), 2)
                self.assertEqual("1 MiB/s" in terminal.text(), columns == 200 or columns == 80)

    def test_control_characters_stay_harmless(self):
        evil = operation(1, waitsFor="\x1b]0;title\x07 \x9b2J")
        with FakeDaemon(evil) as daemon:
            output = subprocess.run(
                daemon.command(), capture_output=True, check=True
            ).stdout.decode()
        self.assertEqual(re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", output), [])


class WithoutRoot(unittest.TestCase):
    def test_one_sentence(self):
        if os.geteuid() != 0:
            self.skipTest("root makes itself somebody else here")
        with FakeDaemon(operation(1)) as daemon:
            os.chmod(daemon.directory, 0o755)
            os.chmod(os.path.join(daemon.directory, "varlink"), 0o600)
            done = subprocess.run(
                daemon.command(),
                # What test/coverage collects is root's.
                env={**os.environ, "LLVM_PROFILE_FILE": "/dev/null"},
                capture_output=True,
                text=True,
                user=65534,
                group=65534,
                extra_groups=[],
            )
        self.assertEqual(done.returncode, 1)
        self.assertEqual(
            done.stderr,
            "lvmpollctl: only root may ask lvmpolld and device-mapper: run it as root, "
            "or with sudo\n",
        )


if __name__ == "__main__":
    unittest.main()
