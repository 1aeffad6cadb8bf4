# SPDX-License-Identifier: LGPL-2.1-or-later
"""Dumps that can be compared: the one that a script expects, and the one that a daemon gives."""

import re

# The comments that ours adds to the dump; difference `dump-comments`.
ADDED_DUMP_COMMENTS = re.compile(r"^# Engine: (?:watch|resident)\n\n|"
                                 r"^\t\t# (?:[a-z]+)(?:, \d+ of \d+ sectors copied)?\n", re.M)


def expected_dump(lines, puppets, spelling):
    """The dump in the layout of lvm2 2.03.16."""
    entries = {"poll": "", "abort": ""}
    for line in lines:
        store, lvid, kind, lv, *rest = line.split()
        fields = {"interval": "15", "sysdir": None, "error": "0"}
        state = []
        for word in rest:
            key, equals, value = word.partition("=")
            if equals:
                fields[key] = value
            else:
                state.append(word)
        finished = state[0] != "in_progress"
        outcome = f'\t\t\treason="{state[0]}"\n\t\t\tvalue={state[1]}\n' if finished else ""
        entries[store] += (
            f"\t{fields['sysdir'] or ''}{lvid} {{\n"
            f'\t\tlvid="{lvid}"\n'
            f'\t\ttype="{kind}"\n'
            f'\t\tlvname="{lv}"\n'
            f"\t\tlvmpolld_internal_timeout={max(60, 2 * int(fields['interval'].lstrip('+')))}\n"
            f'\t\tlvm_command_interval="{fields["interval"]}"\n'
            f'\t\tLVM_SYSTEM_DIR="{fields["sysdir"] or "<undefined>"}"\n'
            f"\t\tlvm_command_pid={puppets[fields['pid']].pid}\n"
            f"\t\tpolling_finished={int(finished)}\n"
            f"\t\t{spelling}={fields['error']}\n"
            f"\t\tinit_requests_count={fields['count']}\n"
            f"\t\tlvm_command {{\n"
            f'\t\t\tstate="{"finished" if finished else "in_progress"}"\n'
            f"{outcome}"
            f"\t\t}}\n\t}}\n")
    return ("# Registered polling operations\n\npoll {\n" + entries["poll"] +
            "}\n\n# Registered abort operations\n\nabort {\n" + entries["abort"] + "}")


def comparable_dump(text, side):
    """The order of operations within a store is anybody's; what ours adds is declared."""
    if side == "ours":
        text = ADDED_DUMP_COMMENTS.sub("", text)

    def sorted_entries(match):
        entries = re.findall(r"^\t\S.*?^\t\}\n", match[2], re.M | re.S)
        return match[1] + "".join(sorted(entries)) + match[3]
    return re.sub(r"((?:poll|abort) \{\n)(.*?)(^\})", sorted_entries, text, flags=re.M | re.S)
