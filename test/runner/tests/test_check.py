# SPDX-License-Identifier: LGPL-2.1-or-later
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from check import FAST, FULL, Check, Outcome, Totals, outcome_of  # noqa: E402
from checks import table  # noqa: E402
from selection import select  # noqa: E402


class TestOutcome(unittest.TestCase):
    def counts(self, output, status):
        outcome = outcome_of(output, status, 0)
        return outcome.passed, outcome.failed, outcome.skipped

    def test_last_counts_hold(self):
        self.assertEqual(self.counts("1 passed, 1 failed\n3 passed, 0 failed\n", 0), (3, 0, 0))

    def test_skipped_is_counted(self):
        self.assertEqual(self.counts("3 passed, 0 failed, 2 skipped\n", 0), (3, 0, 2))

    def test_without_counts_it_is_one(self):
        self.assertEqual(self.counts("fine\n", 0), (1, 0, 0))
        self.assertEqual(self.counts("not fine\n", 3), (0, 1, 0))

    def test_bad_exit_without_a_counted_failure(self):
        self.assertEqual(self.counts("3 passed, 0 failed\n", -11), (3, 1, 0))

    def test_bad_exit_with_counted_failures(self):
        self.assertEqual(self.counts("3 passed, 2 failed\n", 1), (3, 2, 0))

    def test_counts_within_a_line_are_none(self):
        self.assertEqual(self.counts("lab: 3 passed, 2 failed\n", 0), (1, 0, 0))

    def test_closing_line(self):
        totals = Totals()
        totals.add(Outcome(3, 1))
        self.assertEqual(str(totals), "3 passed, 1 failed")
        totals.add(Outcome(1, 2, 4), reported_only=True)
        self.assertEqual(str(totals), "4 passed, 1 failed, 4 skipped")


class TestSelection(unittest.TestCase):
    checks = [Check("build", ("true",), 1), Check("unit", ("true",), 1, needs=("build",)),
              Check("bench", ("true",), 1, needs=("build",), sets=(FULL,))]

    def names(self, *arguments):
        return [check.name for check in select(self.checks, *arguments)]

    def test_set(self):
        self.assertEqual(self.names(FAST, []), ["build", "unit"])
        self.assertEqual(self.names(FULL, []), ["build", "unit", "bench"])

    def test_pattern_pulls_in_what_it_needs(self):
        self.assertEqual(self.names(FAST, ["be*"]), ["build", "bench"])

    def test_pattern_is_the_whole_name(self):
        with self.assertRaisesRegex(ValueError, "'uni'"):
            self.names(FAST, ["uni"])


class TestTable(unittest.TestCase):
    def test_names_are_unique(self):
        names = [check.name for check in table(2)]
        self.assertEqual(len(names), len(set(names)))

    def test_needs_are_in_the_same_sets(self):
        checks = {check.name: check for check in table(2)}
        for check in checks.values():
            for need in check.needs:
                self.assertLessEqual(set(check.sets), set(checks[need].sets), check.name)

    def test_one_core_is_enough(self):
        self.assertTrue(all(check.command for check in table(1)))


if __name__ == "__main__":
    unittest.main()
