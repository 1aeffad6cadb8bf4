# SPDX-License-Identifier: LGPL-2.1-or-later
"""Figures of the contestants, what was to be reached, and the table of them."""
from dataclasses import dataclass
from statistics import median
from typing import Callable, Optional

REFERENCE, OURS, FLOOR = "reference", "ours", "floor"


@dataclass
class Target:
    """A bound on the ratio of ours to the reference, or on ours itself."""

    bound: float
    at_least: bool = False
    of_ratio: bool = True

    def met(self, value: float) -> bool:
        return value >= self.bound if self.at_least else value <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.bound:g}{' ×' if self.of_ratio else ''}"


@dataclass
class Row:
    """One figure: each contestant's values, one of each round."""

    name: str
    values: dict[str, list[float]]
    target: Optional[Target] = None
    show: Callable[[float], str] = "{:,.0f}".format

    @property
    def rounds(self) -> int:
        """How many values the figures are medians of."""
        return min((len(values) for values in self.values.values() if values), default=0)

    @property
    def ratio(self) -> Optional[float]:
        values = self.values.get(REFERENCE)
        reference = median(values) if values else 0
        return median(self.values[OURS]) / reference if reference else None

    @property
    def met(self) -> bool:
        value = self.ratio if self.target.of_ratio else median(self.values[OURS])
        return value is not None and self.target.met(value)

    def cells(self) -> list[str]:
        columns = [self.values.get(who) for who in (REFERENCE, OURS, FLOOR)]
        figures = [self.show(median(values)) if values else "" for values in columns]
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        verdict = [str(self.target), "yes" if self.met else "**no**"] if self.target else ["", ""]
        return [self.name, f"{self.rounds}", *figures, ratio, *verdict]


def table(rows: list[Row]) -> str:
    header = ["", "rounds", REFERENCE, OURS, FLOOR, f"{OURS} / {REFERENCE}", "target", "met"]
    lines = [header, ["---"] + ["---:"] * 6 + ["---"], *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
