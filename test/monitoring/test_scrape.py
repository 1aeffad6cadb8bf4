# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prometheus scrapes a real run of our daemon, whose lvpolls are fakes: what lvmpollctl writes for
node_exporter, and what it prints."""

import os
import re
import shutil
import stat
import subprocess
import tempfile
import unittest

from daemon import Daemon
from messages import OK, exited, progress, start
from servers import Exporter, Prometheus, Server
from test_expressions import RULES
from waiting import DEADLINE, until

BUILD = os.environ["LVMPOLLD_BUILD"]


def impatient_rules(directory):
    """The alerts, without the time that they wait."""
    with open(RULES) as file:
        text = file.read()
    text, limits = re.subn(r"> 1800\b", "> 0.5", text)
    text, pauses = re.subn(r"for: \d+m", "for: 1s", text)
    assert limits == 1 and pauses >= 3
    path = os.path.join(directory, "rules.yml")
    with open(path, "w") as file:
        file.write(text)
    return path


class Scrape(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="lvmpolld.")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        os.chmod(self.directory, 0o755)
        self.textfile = os.path.join(self.directory, "lvmpolld.prom")
        self.daemon = Daemon(os.path.join(BUILD, "lvmpolld"), os.path.join(BUILD, "fake_lvm"))
        self.addCleanup(self.daemon.clean_up)
        node = Server(
            self, self.directory, "node_exporter", "/usr/bin/prometheus-node-exporter",
            "--web.listen-address=127.0.0.1:0", "--collector.disable-defaults",
            "--collector.textfile", f"--collector.textfile.directory={self.directory}",
        )
        openmetrics = Exporter(self, self.command("metrics"))
        self.prometheus = Prometheus(
            self, self.directory, impatient_rules(self.directory),
            {"node": node.address, "openmetrics": openmetrics.address},
        )

    def command(self, *arguments):
        return [
            os.path.join(BUILD, "lvmpollctl"), "--pidfile", self.daemon.pidfile,
            "--socket", self.daemon.socket, "--varlink-socket", self.daemon.socket + ".varlink",
            *arguments,
        ]

    def until(self, what, holds):
        """Meanwhile the textfile is written, as the timer does."""

        def looks():
            subprocess.run(self.command("metrics", "--textfile", self.textfile), check=True,
                           timeout=DEADLINE)
            return holds()

        return until(what, looks, pause=0.1)

    def until_value(self, expression, expected):
        self.until(f"{expression} is {expected}",
                   lambda: self.prometheus.value(expression) == expected)

    def until_firing(self, alert):
        """The labels of the one that the textfile tells of."""
        def firing():
            return [each for each in self.prometheus.firing(alert) if each["job"] == "node"]

        (labels,) = self.until(f"{alert} fires", firing)
        return {name: labels[name] for name in ("vg", "lv", "lvid", "type")}

    def test_alerts_of_a_real_run(self):
        self.daemon.start()
        client = self.daemon.connect()
        self.assertEqual(client.ask(start()), OK)
        child = self.daemon.puppet("lv1")
        one = {"vg": "vg", "lv": "lv1", "lvid": "id1", "type": "pvmove"}
        self.assertEqual(self.until_firing("LvmOperationStalled"), one)
        self.assertEqual(stat.S_IMODE(os.stat(self.textfile).st_mode), 0o644)
        self.assertEqual(self.prometheus.firing("LvmOperationFailed"), [])
        child.do("exit 5")
        self.assertEqual(client.result(progress("id1")), exited(5))
        self.assertEqual(self.until_firing("LvmOperationFailed"), one)
        self.until("the stall is over",
                   lambda: not self.prometheus.firing("LvmOperationStalled"))
        self.assertEqual(self.prometheus.value("node_textfile_scrape_error"), 0)

    def test_both_formats_tell_the_same(self):
        self.daemon.start()
        self.assertEqual(self.daemon.connect().ask(start()), OK)
        self.daemon.puppet("lv1")
        for job in ("node", "openmetrics"):
            self.until_value(f'up{{job="{job}"}}', 1)
            self.until_value(f'lvmpolld_up{{job="{job}"}}', 1)
            self.until_value(f'lvmpolld_requests_total{{job="{job}",type="pvmove"}}', 1)
            self.until_value(
                f'lvmpolld_operations{{job="{job}",state="resident",polled_by="daemon"}}', 1)
            self.until_value(
                f'lvmpolld_request_duration_seconds_bucket{{job="{job}",le="+Inf"}}'
                f' - ignoring(le) lvmpolld_request_duration_seconds_count{{job="{job}"}}', 0)
            self.until_value(
                f'sum(lvmpolld_request_duration_seconds_sum{{job="{job}"}} > bool 0)', 1)

    def test_a_daemon_that_is_not_there(self):
        self.until_value('lvmpolld_up{job="node"}', 0)
        self.until_value('lvmpolld_running{job="openmetrics"}', 0)
        self.assertEqual(self.prometheus.value('lvmpolld_start_time_seconds{job="node"}'), None)
        self.assertEqual(self.prometheus.firing("LvmpolldMissing"), [])

    def test_textfile_on_a_full_disk(self):
        self.until_value('lvmpolld_up{job="node"}', 0)
        with open(self.textfile) as file:
            before = file.read()
        command = self.command("metrics", "--textfile", self.textfile)
        full = subprocess.run(
            ["/bin/sh", "-c", 'trap "" XFSZ; ulimit -f 0; exec "$0" "$@"', *command],
            capture_output=True, text=True,
        )
        self.assertEqual(
            (full.returncode, full.stderr),
            (1, f"lvmpollctl: cannot write {self.textfile}: File too large. What was there is "
                "unchanged\n"),
        )
        with open(self.textfile) as file:
            self.assertEqual(file.read(), before)
        self.assertEqual([name for name in os.listdir(self.directory) if ".prom" in name],
                         ["lvmpolld.prom"])


if __name__ == "__main__":
    unittest.main()
