# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What those who watch are told. Sourced by the scenarios that ask, `seen-*`.
! is_reference || skip "the reference tells nobody"

# varlink METHOD [PARAMETERS]: of io.lvmpolld.Operations; a reply a line.
varlink() {
    printf '{"method":"io.lvmpolld.Operations.%s","parameters":%s,"more":true}\0' "$1" "${2-"{}"}" |
        socat -t "$deadline" - UNIX-CONNECT:/run/lvm/io.lvmpolld | stdbuf -oL tr '\0' '\n'
}

# seen PATTERN: an operation is like that. (Not by a pipe: grep ends at the first match, and what
# still writes then would have failed.)
seen() {
    grep -qE "$1" < <(varlink List)
}

# begin_wait FILTER: its replies go to $replies; end_wait: it has ended, for itself.
readonly replies=/run/lab/replies
begin_wait() {
    varlink Wait "{\"filter\":$1}" >"$replies" &
    waiting=$!
    wait_for test -s "$replies"
}

end_wait() {
    assert_exit 0 "$waiting"
}
