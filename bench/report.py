# SPDX-License-Identifier: LGPL-2.1-or-later
"""Figures, the targets on them, and how a benchmark ends: with a table, with JSON if wanted, and
with a verdict.

A target is a ratio to something that is measured in the same run, so that it holds on a slow
machine and on a busy one: to the reference, or to a floor, which is the least that the job can
cost. Only a figure that no machine changes, such as a count, has a bound of its own.
"""
import argparse
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Callable, NoReturn, Optional

REFERENCE, OURS, FLOOR = "reference", "ours", "floor"
COLUMNS = REFERENCE, OURS, FLOOR


@dataclass(frozen=True)
class Target:
    """A bound on the ratio of ours to another column, or on ours itself."""

    bound: float
    of: Optional[str] = REFERENCE
    at_least: bool = False

    def met(self, value: Optional[float]) -> bool:
        if value is None:
            return False
        return value >= self.bound if self.at_least else value <= self.bound

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        return f"{sign} {self.bound:g} × {self.of}" if self.of else f"{sign} {self.bound:g}"


@dataclass
class Row:
    """One figure: each column's values, one of each round. `key` names it in JSON for ever."""

    key: str
    name: str
    values: dict[str, list[float]]
    targets: tuple[Target, ...] = ()
    show: Callable[[float], str] = "{:,.0f}".format
    figure: Callable[[list[float]], float] = median

    @property
    def rounds(self) -> int:
        return min((len(values) for values in self.values.values() if values), default=0)

    def column(self, who: str) -> Optional[float]:
        values = self.values.get(who)
        return self.figure(values) if values else None

    def ratio(self, of: Optional[str]) -> Optional[float]:
        """Of ours to that column; ours itself without one."""
        ours = self.column(OURS)
        base = self.column(of) if of else 1
        return ours / base if ours is not None and base else None

    @property
    def met(self) -> bool:
        return all(target.met(self.ratio(target.of)) for target in self.targets)

    def cells(self) -> list[str]:
        figures = [self.column(who) for who in COLUMNS]
        ratios = [self.ratio(who) for who in (REFERENCE, FLOOR)]
        verdict = ("yes" if self.met else "**no**") if self.targets else ""
        return [self.name, f"{self.rounds}",
                *("" if value is None else self.show(value) for value in figures),
                *("" if ratio is None else f"{ratio:.3g}" for ratio in ratios),
                ", ".join(map(str, self.targets)), verdict]

    def as_json(self) -> dict:
        def judged(target: Target) -> dict:
            value = self.ratio(target.of)
            return {"bound": target.bound, "at_least": target.at_least, "of": target.of,
                    "value": value, "met": target.met(value)}

        return {"name": self.name, "rounds": self.rounds,
                **{who: self.column(who) for who in COLUMNS},
                "targets": [judged(target) for target in self.targets]}


def table(rows: list[Row]) -> str:
    header = ["", "rounds", *COLUMNS, f"{OURS} / {REFERENCE}", f"{OURS} / {FLOOR}", "target", "met"]
    lines = [header, ["---"] + ["---:"] * 6 + ["---"] * 2, *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def arguments(description: str) -> argparse.ArgumentParser:
    """With the options that every benchmark has."""
    parser = argparse.ArgumentParser(description=description,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--daemon", type=Path, default=Path("build/release/bin/lvmpolld"),
                        help="ours")
    parser.add_argument("--json", metavar="FILE",
                        help="write the figures there as well; -: to stdout, the table to stderr")
    return parser


def machine() -> str:
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo")
                if line.startswith("model name")), "?")
    return (f"{os.cpu_count()} × {cpu}, Linux {os.uname().release}, "
            f"load average {os.getloadavg()[0]:.1f}")


def conclude(what: str, rows: list[Row], json_file: Optional[str]) -> NoReturn:
    """Shows the figures and ends the program: with 1 if a target is missed."""
    judged = [row.met for row in rows if row.targets]
    print(f"{what}; {machine()}; medians of the rounds that stand beside them\n\n{table(rows)}\n\n"
          f"{sum(judged)} of {len(judged)} figures meet their targets",
          file=sys.stderr if json_file == "-" else sys.stdout)
    if json_file:
        figures = {"machine": machine(), "figures": {row.key: row.as_json() for row in rows}}
        with sys.stdout if json_file == "-" else open(json_file, "w") as file:
            json.dump(figures, file, indent=2, ensure_ascii=False)
            file.write("\n")
    sys.exit(0 if all(judged) else 1)
