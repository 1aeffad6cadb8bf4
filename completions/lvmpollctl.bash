# SPDX-License-Identifier: LGPL-2.1-or-later
# bash completion of lvmpollctl(8)

# What is under way now: volume groups, logical volumes and physical volumes.
_lvmpollctl_names() {
    lvmpollctl list --json 2>/dev/null |
        grep -oE '"(volumeGroup":"[^"]*","logicalVolume":"[^"]*"|/dev/[^"]*")' |
        sed -E -e 's/^"volumeGroup":"([^"]*)","logicalVolume":"([^"]*)"$/\1\n\1\/\2/' \
            -e 's/^"(.*)"$/\1/' | sort -u
}

_lvmpollctl() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local verb='' word words
    local verbs="list watch wait show abort throttle doctor metrics report"
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        [[ " $verbs " != *" $word "* ]] || verb=$word
    done
    words="--json --color --help"
    case $previous in
        --for) words="pvmove merge convert raid cache" ;;
        --timeout) words="30s 10m 2h" ;;
        --color) words="auto always never" ;;
        --pidfile | --textfile | --socket | --varlink-socket | --state-dir | --lvm)
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            return ;;
        *)
            case $verb in
                '') words="$verbs $words --version" ;;
                wait | watch) words="$words --for --timeout" ;;&
                wait) words="$words --quiet" ;;&
                list) words="$words --for" ;;&
                metrics) words="--textfile --help" ;;
                report)
                    words="--anonymous --help"
                    if [[ $current != -* ]]; then
                        mapfile -t COMPREPLY < <(compgen -f -- "$current")
                        return
                    fi ;;
                list | wait | watch | show | abort)
                    [[ $current == -* ]] || words=$(_lvmpollctl_names) ;;
            esac ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _lvmpollctl lvmpollctl
