# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# lvmpollctl. Sourced by the scenarios that use it, `ctl-*`.

# The tool of the release build, whichever daemon is under test.
lvmpollctl() {
    # shellcheck disable=SC2154
    "${script%/test/lab/*}/build/release/bin/lvmpollctl" "$@"
}

# shown PATTERN: the table has such a line.
shown() {
    grep -qE "$1" < <(lvmpollctl)
}
