# SPDX-License-Identifier: LGPL-2.1-or-later
"""What bash, fish and zsh offer behind lvmpollctl."""

import os
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

from fake_daemon import PROGRAM, FakeDaemon, operation
from terminal import Terminal

FILES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "completions")
NAMES = ["/dev/sdb", "/dev/sdc", "vg0", "vg0/pvmove1"]


class Completions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # What zsh finds out in a second at its first start: all completions there are.
        cls.dump = os.path.join(cls.enterClassContext(tempfile.TemporaryDirectory()), "dump")

    def setUp(self):
        self.daemon = self.enterContext(FakeDaemon(operation(1)))
        command = os.path.join(self.daemon.directory, "lvmpollctl")
        with open(command, "w") as script:
            script.write(f'#!/bin/sh\nexec {shlex.join(self.daemon.command())} "$@"\n')
        os.chmod(command, 0o755)
        self.environment = {
            **os.environ,
            "PATH": f"{self.daemon.directory}:{os.environ['PATH']}",
            "HOME": self.daemon.directory,
        }

    def output(self, *command):
        return subprocess.run(
            command, env=self.environment, check=True, capture_output=True, text=True
        ).stdout

    def bash(self, *words):
        line = " ".join(shlex.quote(word) for word in ("lvmpollctl", *words))
        return self.output(
            "bash",
            "-c",
            f". {FILES}/lvmpollctl.bash; COMP_WORDS=({line}); COMP_CWORD={len(words)}; "
            '_lvmpollctl; printf "%s\\n" "${COMPREPLY[@]}"',
        ).split()

    def fish(self, *words):
        lines = self.output(
            "fish",
            "-c",
            f"source {FILES}/lvmpollctl.fish; complete -C "
            + shlex.quote(" ".join(("lvmpollctl", *words))),
        ).splitlines()
        return [line.split("\t")[0] for line in lines]

    def zsh(self, *words):
        """By its completion system, which works on a terminal only."""
        directory = self.daemon.directory
        offers = os.path.join(directory, "offers")
        open(offers, "w").close()
        shutil.copy(os.path.join(os.path.dirname(FILES), "test", "ctl", "zshrc"),
                    os.path.join(directory, ".zshrc"))
        variables = {
            **self.environment,
            "ZDOTDIR": directory,
            "COMPLETIONS": FILES,
            "DUMP": self.dump,
            "LINE": " ".join(("lvmpollctl", *words)),
            "OFFERS": offers,
            "TERM": "dumb",
        }
        with Terminal(["zsh", "-d", "-i"], 80, **variables) as terminal:
            self.assertEqual(terminal.exit_code(), 0)
        with open(offers) as file:
            return file.read().splitlines()

    def test_verbs(self):
        verbs = re.findall(
            r"^  (\w+) ",
            self.output(PROGRAM, "--help").partition("Subcommands:")[2].partition("Examples:")[0],
            re.M,
        )
        self.assertGreater(len(verbs), 5)
        self.assertEqual([word for word in self.bash("") if not word.startswith("-")], verbs)
        self.assertEqual(sorted(self.fish("")), sorted(verbs))
        self.assertEqual(self.zsh(""), verbs)

    def test_names_of_what_is_under_way(self):
        for verb in ("list", "wait", "watch", "show", "abort"):
            self.assertEqual(sorted(self.bash(verb, "")), NAMES, verb)
            self.assertEqual(sorted(self.fish(verb, "")), NAMES, verb)
            self.assertEqual(sorted(self.zsh(verb, "")), NAMES, verb)
        self.assertEqual(self.bash("wait", "vg0/"), ["vg0/pvmove1"])
        self.assertEqual(self.zsh("wait", "vg0/"), ["vg0/pvmove1"])

    def test_values_of_options(self):
        self.assertEqual(self.bash("wait", "--for", "m"), ["merge"])
        self.assertEqual(self.bash("--color", "a"), ["auto", "always"])
        self.assertEqual(self.fish("wait", "--for", "m"), ["merge"])
        self.assertEqual(self.zsh("wait", "--for", "m"), ["merge"])
        self.assertEqual(self.zsh("--color", "a"), ["auto", "always"])

    def test_files_of_metrics(self):
        self.assertEqual(self.bash("metrics", ""), ["--textfile", "--help"])
        path = os.path.join(self.daemon.directory, "pid")
        self.assertEqual(self.bash("metrics", "--textfile", path), [path + "file"])
        self.assertIn("--textfile", self.fish("metrics", "--"))

    def test_files_of_a_report(self):
        self.assertEqual(self.bash("report", "-"), ["--anonymous", "--help"])
        path = os.path.join(self.daemon.directory, "pid")
        self.assertEqual(self.bash("report", path), [path + "file"])
        self.assertIn("--anonymous", self.fish("report", "--"))


if __name__ == "__main__":
    unittest.main()
