// SPDX-License-Identifier: LGPL-2.1-or-later
// An lvm whose work never ends. It waits until it is killed or nobody reads its output any more, so
// that no daemon, however it died, leaves one behind.
#include <poll.h>
#include <unistd.h>

int main() {
    pollfd output{STDOUT_FILENO, 0, 0};
    return poll(&output, 1, -1) < 0 ? 1 : 0;
}
