# SPDX-License-Identifier: LGPL-2.1-or-later
"""The checks of text, on trees that are good and on trees that are not."""

import os
import subprocess
import tempfile
import unittest

CHECKS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../checks")


class TestText(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree = folder.name

    def run_check(self, name, path, text):
        """What the check prints of a tree with this file, or nothing if it passes."""
        file = os.path.join(self.tree, path)
        os.makedirs(os.path.dirname(file), exist_ok=True)
        with open(file, "w") as output:
            output.write(text)
        done = subprocess.run([os.path.join(CHECKS, name)], cwd=self.tree, capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.returncode, 1 if done.stdout else 0)
        return done.stdout

    def expect_pass(self, name, path, text):
        self.assertEqual(self.run_check(name, path, text), "")

    def expect_failure(self, name, path, text, place):
        self.assertIn(place, self.run_check(name, path, text))

    def test_a_line_of_100_columns_passes(self):
        self.expect_pass("columns", "docs/a.md", "word " * 20 + "\n")

    def test_columns_are_not_bytes(self):
        self.expect_pass("columns", "docs/a.md", "wört " * 20 + "\n")

    def test_a_wider_line_fails_wherever_it_is(self):
        for path in ("docs/a.md", "man/a.8", "test/lab/a.sh", "bench/a.py", "scripts/a", "src/a.h"):
            self.expect_failure("columns", path, "\n" + "word " * 20 + "x\n", f"{path}:2:")

    def test_what_cannot_be_broken_may_be_wider(self):
        self.expect_pass("columns", "docs/a.md", "| " + "word " * 20 + "|\n")
        self.expect_pass("columns", "test/a.txt", "name " * 8 + "l" * 80 + "\n")

    def test_a_name_of_45_characters_passes(self):
        name = "N" * 45
        self.expect_pass("test-names", "test/unit/a/a.cpp", f"TEST_F(SomeTest, {name}) {{\n")
        self.expect_pass("test-names", "test/conformance/defects/a.py",
                         f"def {name.lower()}_in_the_reference(daemon):\n")

    def test_a_longer_name_fails_wherever_it_is(self):
        name = "N" * 46
        for path, text in (("test/unit/a/a.cpp", f"TEST(Some, {name}) {{"),
                           ("test/unit/a/b.cpp", f"TEST_P(Some, {name}) {{"),
                           ("test/conformance/defects/a.py", f"def {name.lower()}(daemon):"),
                           ("test/runner/tests/test_a.py", f"    def test_{name.lower()}(self):")):
            self.expect_failure("test-names", path, text + "\n", f"{path}:1 ")
        for path in ("test/lab/scenarios/{}.sh", "test/conformance/scripts/{}.txt"):
            self.expect_failure("test-names", path.format(name), "\n", name)

    def test_a_name_on_a_line_of_its_own_is_refused(self):
        self.expect_failure("test-names", "test/unit/a/a.cpp", "TEST_F(SomeTest,\n       Name) {\n",
                            "a.cpp:1")


if __name__ == "__main__":
    unittest.main()
