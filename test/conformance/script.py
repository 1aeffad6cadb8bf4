# SPDX-License-Identifier: LGPL-2.1-or-later
"""The language of the request scripts, explained in README.md: reads one."""

import os

from player import Player
from waiting import Failure


def numbered_lines(file):
    """Each line with its number; one that ends in a backslash goes on in the next, whose
    indentation does not count."""
    begun = ""
    for number, line in enumerate(file, 1):
        line = begun + (line.strip() if begun else line.rstrip("\n"))
        begun = line[:-1] if line.endswith("\\") else ""
        if not begun:
            yield number, line


class Statement:
    def __init__(self, number, text):
        self.number = number
        self.only, self.text = None, text
        for side in ("reference", "ours"):
            if text.startswith(side + ": "):
                self.only, self.text = side, text[len(side) + 2:]
        self.block = []

    def __str__(self):
        return f"line {self.number}: {self.text}"


class Script:
    def __init__(self, path):
        self.name = os.path.splitext(os.path.basename(path))[0]
        self.differences = []
        self.statements = []
        with open(path) as file:
            for number, line in numbered_lines(file):
                if line.startswith("   "):
                    self.statements[-1].block.append(line[3:])
                elif line.startswith("difference "):
                    self.differences.append(line.split()[1])
                elif line and not line.startswith("#"):
                    self.statements.append(Statement(number, line))
        if any(statement.only for statement in self.statements) != bool(self.differences):
            raise Failure(f"{self.name}: statements for one daemon only and `difference NAME` go "
                          "together")

    @property
    def sides(self):
        """Those that have statements of their own."""
        return {statement.only for statement in self.statements} - {None}

    def play(self, daemon, side, as_ours=frozenset()):
        """Statements for one side count if it is `side`; those for ours also on a reference that
        does as ours does in all differences that the script shows, which `as_ours` names. Raises
        Failure or TimeoutError, with the statement in its notes."""
        player = Player(daemon, side, "error-spelling" in as_ours)
        alike = bool(self.differences) and as_ours.issuperset(self.differences)
        applies = (None, "ours") if alike else (None, side)
        for statement in self.statements:
            if statement.only in applies:
                try:
                    player.perform(statement)
                except (Failure, TimeoutError) as error:
                    error.add_note(f"{self.name}, {statement}")
                    raise
        player.finish()
