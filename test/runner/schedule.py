# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which check starts next, and how long the rest will take. No clock, no process: decisions only.

A budget of cores is shared by the checks that run. Among those whose needs are met the one with the
longest way to the end of the run goes first: its own seconds and those of the checks that wait for
it. A check that does not fit lets smaller ones go ahead.
"""


class Schedule:
    """The order for one run.

    checks: those of the run; seconds: expected duration by name; budget: cores.
    `ended` below is whether each check that has ended was good, by name; `running` is the seconds
    that each running check has taken, by name.
    """

    def __init__(self, checks, seconds, budget):
        self.checks = {check.name: check for check in checks}
        self.seconds = seconds
        self.budget = budget
        self.way = {}
        for name in self.checks:
            self._measure_way(name)

    def _measure_way(self, name):
        if name not in self.way:
            followers = [check.name for check in self.checks.values()
                         if name in check.needs + check.after]
            self.way[name] = self.seconds[name] + max(map(self._measure_way, followers), default=0)
        return self.way[name]

    def next(self, running, ended):
        """The checks to start now, in order."""
        load = sum(self.checks[name].cores for name in running)
        count = len(running)
        starting = []
        for check in sorted(self.checks.values(), key=lambda check: -self.way[check.name]):
            if check.name in running or check.name in ended or not self._is_ready(check, ended):
                continue
            if load + check.cores <= self.budget + 1e-6 or count == 0:
                load += check.cores
                count += 1
                starting.append(check)
        return starting

    def _is_ready(self, check, ended):
        return all(ended.get(name, name not in self.checks) for name in check.needs) and \
            all(name in ended or name not in self.checks for name in check.after)

    def unreachable(self, ended):
        """The checks that can not run any more, each with the need that was not met."""
        found = []
        for check in self.checks.values():
            unmet = [name for name in check.needs if ended.get(name) is False]
            if check.name not in ended and unmet:
                found.append((check, unmet[0]))
        return found

    def remaining(self, running, ended):
        """Seconds until all is done if each check takes what is expected of it: the run is played
        to its end. One that is late is taken to end in a moment."""
        left = {name: max(self.seconds[name] - elapsed, 1.0) for name, elapsed in running.items()}
        ended = dict(ended)
        now = 0.0
        while True:
            left.update((check.name, self.seconds[check.name])
                        for check in self.next(left, ended))
            if not left:
                return now
            name = min(left, key=left.get)
            step = left.pop(name)
            left = {other: rest - step for other, rest in left.items()}
            ended[name] = True
            now += step
