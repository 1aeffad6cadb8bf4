# SPDX-License-Identifier: LGPL-2.1-or-later
"""The requests and replies that the tests in Python use."""

from waiting import Failure

OK = 'response = "OK"\n'
HELLO = 'response = "OK"\nprotocol = "lvmpolld"\nversion = 1\n'
IN_PROGRESS = 'response = "in_progress"\n'
FAILED = 'response = "failed"\nreason = "polling of lvm command failed"\n'
NOT_FOUND = 'response = "not_found"\n'


def start(lvid="id1", lv="lv1", operation="pvmove", interval="15", more=""):
    return (f'request="{operation}" lvid="{lvid}" vgname="vg" lvname="{lv}" '
            f'interval="{interval}" {more}')


def abort(lvid="id1", lv="lv1"):
    return start(lvid, lv, more="abort=1")


def progress(lvid="id1", more=""):
    return f'request="progress_info" lvid="{lvid}" {more}'


def exited(code):
    return f'response = "finished"\nreason = "retcode"\nvalue = {code}\n'


def killed(signal):
    return f'response = "finished"\nreason = "signal"\nvalue = {signal}\n'


def expect(actual, expected):
    if actual != expected:
        raise Failure(f"expected {expected!r}, got {actual!r}")
