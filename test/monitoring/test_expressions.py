# SPDX-License-Identifier: LGPL-2.1-or-later
"""The alerts and the dashboard in monitoring/: each expression parses, each alert fires when it
should, and each metric and label that they name is one that there is."""

import glob
import json
import os
import re
import subprocess
import tempfile
import unittest

from test_formats import families

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "..", "..", "monitoring")
RULES = os.path.join(FOLDER, "lvmpolld.rules.yml")
DASHBOARD = os.path.join(FOLDER, "lvmpolld.dashboard.json")
# What Grafana puts in their place.
VARIABLES = {"$__rate_interval": "1m", "$instance": ".*"}
OTHERS = {"node_textfile_mtime_seconds"}  # node_exporter's own


def promtool(*arguments):
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def panels():
    with open(DASHBOARD) as file:
        return json.load(file)["panels"]


def expressions_of_dashboard():
    expressions = [target["expr"] for panel in panels() for target in panel["targets"]]
    for variable, value in VARIABLES.items():
        expressions = [expression.replace(variable, value) for expression in expressions]
    return expressions


def expressions_of_rules():
    """By promtool's own reading of YAML there is none; each ends where the next key begins."""
    with open(RULES) as file:
        text = file.read()
    return [
        re.sub(r"\s+", " ", expression).strip(" |")
        for expression in re.findall(r"^ +expr:(.*?)(?=^ +\w+:)", text, re.M | re.S)
    ]


def check_expressions(expressions):
    """As the rules of a file that has no others. JSON is YAML."""
    rules = [{"record": f"a:{i}", "expr": each} for i, each in enumerate(expressions)]
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        json.dump({"groups": [{"name": "dashboard", "rules": rules}]}, file)
        file.flush()
        return promtool("check", "rules", file.name)


class Expressions(unittest.TestCase):
    def test_alerts_parse(self):
        code, output = promtool("check", "rules", "--lint=all", "--lint-fatal", RULES)
        self.assertEqual(code, 0, output)
        self.assertIn(f"{len(expressions_of_rules())} rules found", output)

    def test_alerts_fire_when_they_should(self):
        code, output = promtool("test", "rules", os.path.join(HERE, "alerts.yml"))
        self.assertEqual(code, 0, output)

    def test_every_alert_is_tested(self):
        with open(RULES) as file:
            alerts = set(re.findall(r"- alert: (\w+)", file.read()))
        with open(os.path.join(HERE, "alerts.yml")) as file:
            tested = re.findall(r"alertname: (\w+)\n +exp_alerts:", file.read())
        self.assertEqual(set(tested), alerts)

    def test_dashboard_parses(self):
        expressions = expressions_of_dashboard()
        self.assertGreater(len(expressions), 20)
        self.assertNotIn("$", "".join(expressions))
        code, output = check_expressions(expressions)
        self.assertEqual(code, 0, output)

    def test_an_expression_that_does_not_parse(self):
        self.assertNotEqual(check_expressions([*expressions_of_dashboard(), "sum(("])[0], 0)

    def test_name_metrics_that_there_are(self):
        samples = {
            sample.name for family in families("metrics").values() for sample in family.samples
        }
        used = set()
        for expression in expressions_of_dashboard() + expressions_of_rules():
            used |= set(re.findall(r"\b(?:lvmpolld|node)_\w+", expression))
        self.assertEqual(used - samples - OTHERS, set())
        # The other way round: what nobody looks at is worth a panel, or a word here.
        self.assertEqual(
            {name.removesuffix("_total") for name in samples - used},
            {
                "lvmpolld_comparisons",
                "lvmpolld_lvpoll_retired",
                "lvmpolld_operations_taken_up",
                "lvmpolld_refused_copies",  # the alert has the failures, which name the volume
                "lvmpolld_start_time_seconds",
            },
        )

    def test_name_labels_that_there_are(self):
        labels = {"instance", "job", "le", "file", "system_directory"}
        for family in families("metrics").values():
            for sample in family.samples:
                labels |= set(sample.labels)
        for expression in expressions_of_dashboard() + expressions_of_rules():
            used = set(re.findall(r"(\w+)(?:=~|!~|!=|=)\"", expression))
            for group in re.findall(r"\b(?:by|on|without|ignoring) \((.*?)\)", expression):
                used |= set(re.split(r", *", group))
            self.assertEqual(used - labels, set(), expression)

    def test_panels_of_the_dashboard(self):
        identifiers = [panel["id"] for panel in panels()]
        self.assertEqual(len(set(identifiers)), len(identifiers))
        for panel in panels():
            place = panel["gridPos"]
            self.assertLessEqual(place["x"] + place["w"], 24, panel["title"])

    def test_nothing_else_is_in_the_folder(self):
        files = {os.path.basename(path) for path in glob.glob(os.path.join(FOLDER, "*"))}
        self.assertEqual(files, {os.path.basename(RULES), os.path.basename(DASHBOARD)})


if __name__ == "__main__":
    unittest.main()
