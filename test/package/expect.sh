# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the tests of packages and scripts expect, and how often it was so. Sourced.
passed=0 failed=0

count() {
    if [[ $1 == 0 ]]; then
        passed=$(( passed + 1 ))
    else
        echo "FAILED: $2"
        failed=$(( failed + 1 ))
    fi
}

# expect DESCRIPTION COMMAND...
expect() {
    local status=0
    "${@:2}" || status=1
    count "$status" "$1"
}

# answers STATUS COMMAND...: the command's exit status
answers() {
    local output status=0
    output=$(mktemp)
    "${@:2}" >"$output" 2>&1 || status=$?
    count "$(( status != $1 ))" "${*:2} answers $status and not $1: $(<"$output")"
    rm "$output"
}

# The last line of a test, and its exit status.
report() {
    echo "$passed passed, $failed failed"
    (( passed && ! failed ))
}
