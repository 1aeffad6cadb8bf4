# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the scenarios of the packages share. Sourced by a scenario.
package=$(echo /lab/packages/lvmpolld_*.deb)
export DEBIAN_FRONTEND=noninteractive
echo force-unsafe-io >/etc/dpkg/dpkg.cfg.d/lab # the disk is a file that nobody keeps

# is_ours PID-or-FILE
is_ours() {
    local file=$1
    [[ -e $file ]] || file=/proc/$1/exe
    grep -qs io.lvmpolld "$file"
}

# ours_runs: as the unit's main process
ours_runs() {
    is_active && is_ours "$(property MainPID)"
}

stock_runs() {
    is_active && ! is_ours "$(property MainPID)"
}

# The stock daemon ends soon after its last operation, so that nobody waits a minute for it.
shorten_idle_time() {
    unit_setting Service ExecStart= 'ExecStart=/sbin/lvmpolld -t 3 -f'
}

install_package() {
    dpkg --install "${1-$package}"
}

remove_package() {
    dpkg --remove lvmpolld
}

# newer_package VERSION: prints the path of the same package with a higher version.
newer_package() {
    local tree=/run/newer
    rm -rf "$tree"
    dpkg-deb --raw-extract "$package" "$tree" >&2
    sed -i "s/^Version: .*/Version: $1/" "$tree/DEBIAN/control"
    dpkg-deb --build -Znone "$tree" "/run/lvmpolld_$1.deb" >&2
    echo "/run/lvmpolld_$1.deb"
}

is_installed() {
    [[ $(dpkg-query --show --showformat='${Version}' lvmpolld) == "$1" ]]
}

# The package's scripts said nothing of a failure.
no_unit_failed() {
    [[ -z $(systemctl list-units --failed --plain --no-legend 'lvm2-lvmpolld*' 'lvmpolld*') ]]
}
