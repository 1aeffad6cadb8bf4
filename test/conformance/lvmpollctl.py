# SPDX-License-Identifier: LGPL-2.1-or-later
"""lvmpollctl beside a daemon under test."""

import os


def command(daemon, *arguments):
    """lvmpollctl stands beside the fake lvm."""
    program = os.path.join(os.path.dirname(daemon.fake_lvm), "lvmpollctl")
    return [
        program,
        "--pidfile",
        daemon.pidfile,
        "--socket",
        daemon.socket,
        "--varlink-socket",
        daemon.socket + ".varlink",
        "--lvm",
        _lvm(daemon),
        *arguments,
    ]


def _lvm(daemon):
    """Says that the daemon is used, and no more."""
    path = os.path.join(daemon.directory, "lvm")
    if not os.path.exists(path):
        with open(path, "w") as script:
            script.write("#!/bin/sh\necho use_lvmpolld=1\n")
        os.chmod(path, 0o755)
    return path
