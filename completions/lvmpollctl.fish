# SPDX-License-Identifier: LGPL-2.1-or-later
# fish completion of lvmpollctl(8)

# What is under way now: volume groups, logical volumes and physical volumes.
function __lvmpollctl_names
    lvmpollctl list --json 2>/dev/null |
        grep -oE '"(volumeGroup":"[^"]*","logicalVolume":"[^"]*"|/dev/[^"]*")' |
        sed -E -e 's/^"volumeGroup":"([^"]*)","logicalVolume":"([^"]*)"$/\1\n\1\/\2/' \
            -e 's/^"(.*)"$/\1/' | sort -u
end

function __lvmpollctl_verb
    __fish_seen_subcommand_from list watch wait show abort throttle doctor metrics report
end

complete -c lvmpollctl -f
complete -c lvmpollctl -l json -d 'JSON'
complete -c lvmpollctl -l color -x -a 'auto always never'
complete -c lvmpollctl -s h -l help -d 'Help'
complete -c lvmpollctl -n 'not __lvmpollctl_verb' -l version -d 'Version'
complete -c lvmpollctl -n 'not __lvmpollctl_verb' -a list -d 'What is under way'
complete -c lvmpollctl -n 'not __lvmpollctl_verb' -a watch -d 'The same, live'
complete -c lvmpollctl -n 'not __lvmpollctl_verb' -a wait -d 'Until all has ended'
complete -c lvmpollctl -n 'not __lvmpollctl_verb' -a show -d 'Everything about one'
complete -c lvmpollctl -n 'not __lvmpollctl_verb' -a abort -d 'Abort one pvmove'
complete -c lvmpollctl -n 'not __lvmpollctl_verb' -a throttle -d 'Share of time for mirrors'
complete -c lvmpollctl -n 'not __lvmpollctl_verb' -a doctor -d 'Whether lvm uses the daemon'
complete -c lvmpollctl -n 'not __lvmpollctl_verb' -a metrics -d 'All of it, for Prometheus'
complete -c lvmpollctl -n 'not __lvmpollctl_verb' -a report -d 'A file for a bug report'
complete -c lvmpollctl -n '__fish_seen_subcommand_from list watch wait show abort' \
    -a '(__lvmpollctl_names)'
complete -c lvmpollctl -n '__fish_seen_subcommand_from list watch wait' \
    -l for -x -a 'pvmove merge convert raid cache'
complete -c lvmpollctl -n '__fish_seen_subcommand_from watch wait' \
    -l timeout -x -a '30s 10m 2h'
complete -c lvmpollctl -n '__fish_seen_subcommand_from wait' \
    -s q -l quiet -d 'Nothing but errors'
complete -c lvmpollctl -n '__fish_seen_subcommand_from metrics' \
    -l textfile -r -F -d 'Write this file'
complete -c lvmpollctl -n '__fish_seen_subcommand_from report' \
    -l anonymous -d 'Replace names'
complete -c lvmpollctl -n '__fish_seen_subcommand_from report' -F
