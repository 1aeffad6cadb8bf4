# SPDX-License-Identifier: LGPL-2.1-or-later
"""The golden files of `lvmpollctl metrics`, by the reference parser of OpenMetrics
(python3-prometheus-client) and by that of Prometheus (promtool)."""

import os
import subprocess
import unittest

from prometheus_client.openmetrics.parser import text_string_to_metric_families

GOLDEN = os.path.join(os.path.dirname(__file__), "..", "unit", "ctl", "golden")


def golden(name):
    with open(os.path.join(GOLDEN, name)) as file:
        return file.read()


def families(name):
    return {family.name: family for family in text_string_to_metric_families(golden(name))}


def lint(text):
    return subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True
    )


class Formats(unittest.TestCase):
    def test_openmetrics(self):
        for name in ("metrics", "metrics-kernel"):
            with self.subTest(name):
                for family in families(name).values():
                    self.assertTrue(family.name.startswith("lvmpolld_"), family.name)
                    self.assertTrue(family.documentation, family.name)
                    self.assertTrue(family.samples, family.name)

    def test_the_parser_refuses_something_else(self):
        for text in (golden("metrics").removesuffix("# EOF\n"), golden("metrics.prom")):
            with self.assertRaises(ValueError):
                list(text_string_to_metric_families(text))

    def test_units(self):
        units = {name: family.unit for name, family in families("metrics").items() if family.unit}
        self.assertEqual(
            set(units.values()), {"ratio", "bytes", "bytes_per_second", "seconds"}, units
        )
        for name in families("metrics"):
            if name.endswith(("_seconds", "_bytes", "_ratio", "_bytes_per_second")):
                self.assertIn(name, units)

    def test_textfile(self):
        done = lint(golden("metrics.prom"))
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_promtool_finds_faults(self):
        self.assertNotEqual(lint("# TYPE a_total gauge\na_total 1\n").returncode, 0)

    def test_both_tell_the_same(self):
        def samples(name):
            return [line for line in golden(name).splitlines() if not line.startswith("#")]

        self.assertEqual(samples("metrics"), samples("metrics.prom"))


if __name__ == "__main__":
    unittest.main()
