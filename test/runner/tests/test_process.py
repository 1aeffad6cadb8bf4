# SPDX-License-Identifier: LGPL-2.1-or-later
"""A real process that is in an exec whenever somebody looks, nearly."""

import os
import signal
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from check import Check  # noqa: E402
from process import Process  # noqa: E402

EXECS_FOR_EVER = 'exec bash -c "$0" "$0"'
TIMES = 50


class TestProcess(unittest.TestCase):
    def test_kill_finds_a_process_in_an_exec(self):
        """Of those that the check has left in another session none is passed over."""
        check = Check("execs", ("bash", "-c", f"""
            read -r script <<<'{EXECS_FOR_EVER}'
            setsid bash -c "$script" "$script" & echo $!"""), 1)
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(TIMES):
                process = Process(check, folder, os.path.join(folder, "log"))
                process.reap()
                with open(process.log_path) as log:
                    left = int(log.read())
                alive = os.path.exists(f"/proc/{left}/cwd")
                if alive:
                    os.kill(left, signal.SIGKILL)
                self.assertFalse(alive)


if __name__ == "__main__":
    unittest.main()
