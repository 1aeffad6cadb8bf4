// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "engine/watch_test.h"

namespace lvmpolld {

/// A watched pvmove whose legs a test finds equal, different or unreadable.
class WatchVerificationTest : public WatchTest {
protected:
    const verify::Outcome equal = verify::Equal{segment_length};
    const verify::Outcome different = verify::Different{{"/dev/sda", 2048}, {"/dev/sdb", 4711}, 8};
    const verify::Outcome unreadable = verify::Unreadable{{"/dev/sdb", 4711}, EIO};
};

} // namespace lvmpolld
