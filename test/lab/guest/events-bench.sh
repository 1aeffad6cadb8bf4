# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# One run of bench/events: the daemon watches a pvmove that stands still, among many devices that
# have events.
#   events-bench.sh DEVICES ROUNDS SECONDS RATE
devices=$1 rounds=$2 seconds=$3 rate=$4

# create_bystanders FIRST END: LVs as far as their names and UUIDs go; dmsetup creates many at once.
create_bystanders() {
    local number
    for ((number = $1; number < $2; number++)); do
        printf 'bystanders-lv%d,LVM-%064d,,,0 8 zero;' "$number" "$number"
    done >/run/bystanders
    dmsetup create --noudevrules --noudevsync --concise "$(</run/bystanders)"
}

echo ready
make_disks 2 64
make_vg vg disk1 disk2
make_lv vg/a 32 disk1
shape 2 5 stalled
lvm pvmove -b /dev/mapper/disk1 >/dev/null 2>&1
wait_for copying vg-pvmove0
for ((first = 0; first < devices; first += 500)); do
    create_bystanders "$first" $((first + 500 < devices ? first + 500 : devices))
done

python3 "${BASH_SOURCE[0]%/*}/events-bench.py" "$daemon_pid" "$rounds" "$seconds" "$rate"

assert copying vg-pvmove0
assert_equal "number of lvpolls" "$(lvpoll_runs)" 0
shape 2
wait_for no_device vg-pvmove0
wait_for idle
assert_intact vg/a
assert_on disk2 vg/a
