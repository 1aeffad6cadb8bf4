# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which checks of the table a run consists of."""

from fnmatch import fnmatchcase


def select(table, wanted_set, patterns):
    """The checks of the set; with shell patterns those of the whole table whose name matches one,
    and all that they need. Keeps the table's order. Raises ValueError for a pattern that matches
    no check."""
    if not patterns:
        return [check for check in table if wanted_set in check.sets]
    wanted = set()
    for pattern in patterns:
        matching = {check.name for check in table if fnmatchcase(check.name, pattern)}
        if not matching:
            raise ValueError(f"no check is named {pattern!r}; --all --list shows them")
        wanted |= matching
    by_name = {check.name: check for check in table}
    todo = list(wanted)
    while todo:
        needs = set(by_name[todo.pop()].needs) - wanted
        wanted |= needs
        todo += needs
    return [check for check in table if check.name in wanted]
