# SPDX-License-Identifier: LGPL-2.1-or-later
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from check import Check  # noqa: E402
from schedule import Schedule  # noqa: E402


def check(name, seconds=10, cores=1.0, **more):
    return Check(name, ("true",), seconds, cores, **more)


def schedule(*checks, budget=2):
    return Schedule(checks, {each.name: each.seconds for each in checks}, budget)


def names(checks):
    return [each.name for each in checks]


class TestSchedule(unittest.TestCase):
    def test_longest_first(self):
        plan = schedule(check("short", 1), check("long", 9), check("middle", 5))
        self.assertEqual(names(plan.next({}, {})), ["long", "middle"])

    def test_what_others_wait_for_counts_their_time(self):
        plan = schedule(check("long", 9), check("build", 5), check("lab", 5, needs=("build",)))
        self.assertEqual(names(plan.next({}, {})), ["build", "long"])

    def test_budget_is_kept(self):
        plan = schedule(check("a", cores=1.5), check("b", 9, cores=1), check("c", 8, cores=0.5))
        self.assertEqual(names(plan.next({}, {})), ["a", "c"])
        self.assertEqual(plan.next({"a": 1, "c": 1}, {}), [])

    def test_larger_than_the_budget_runs_alone(self):
        plan = schedule(check("large", cores=4), check("small", 1))
        self.assertEqual(names(plan.next({}, {})), ["large"])
        self.assertEqual(names(plan.next({"small": 0}, {})), [])

    def test_need_that_failed(self):
        plan = schedule(check("build"), check("unit", needs=("build",)))
        self.assertEqual(names(plan.next({}, {})), ["build"])
        self.assertEqual(plan.next({}, {"build": False}), [])
        (found, need), = plan.unreachable({"build": False})
        self.assertEqual((found.name, need), ("unit", "build"))

    def test_after_waits_for_a_failure_too(self):
        plan = schedule(check("demo"), check("build", after=("demo",)))
        self.assertEqual(names(plan.next({"demo": 1}, {})), [])
        self.assertEqual(names(plan.next({}, {"demo": False})), ["build"])

    def test_after_a_check_outside_the_run(self):
        plan = schedule(check("build", after=("demo",)))
        self.assertEqual(names(plan.next({}, {})), ["build"])

    def test_remaining_plays_the_run_to_its_end(self):
        plan = schedule(check("build", 10, cores=2), check("unit", 5, needs=("build",)),
                        check("lab", 20, needs=("build",)))
        self.assertEqual(plan.remaining({}, {}), 30)
        self.assertEqual(plan.remaining({"build": 4}, {}), 26)
        self.assertEqual(plan.remaining({"lab": 4}, {"build": True, "unit": True}), 16)


if __name__ == "__main__":
    unittest.main()
