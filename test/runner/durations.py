# SPDX-License-Identifier: LGPL-2.1-or-later
"""How long each check took the last time: a file of the log folder."""

import json
import os


class Durations:
    """Seconds by name of check. A file that is missing or damaged is an empty one."""

    def __init__(self, directory):
        self.path = os.path.join(directory, "durations.json")
        try:
            with open(self.path) as file:
                self.measured = {str(name): float(seconds)
                                 for name, seconds in json.load(file).items()}
        except (OSError, ValueError, TypeError, AttributeError):
            self.measured = {}

    def expected(self, checks):
        """For each check what it took the last time, else what its table entry says."""
        return {check.name: self.measured.get(check.name, check.seconds) for check in checks}

    def record(self, name, seconds):
        self.measured[name] = round(seconds, 1)
        with open(self.path + ".new", "w") as file:
            json.dump(self.measured, file, indent=1, sort_keys=True)
            file.write("\n")
        os.replace(self.path + ".new", self.path)
