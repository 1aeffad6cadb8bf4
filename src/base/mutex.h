// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/thread_annotations.h"

#include <mutex>

namespace lvmpolld {

/// std::mutex that Clang's thread-safety analysis knows.
class CAPABILITY("mutex") Mutex {
public:
    void lock() ACQUIRE() { mutex_.lock(); }

    void unlock() RELEASE() { mutex_.unlock(); }

private:
    std::mutex mutex_;
};

/// Holds a Mutex for a scope.
class SCOPED_CAPABILITY Lock {
public:
    explicit Lock(Mutex& mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }

    ~Lock() RELEASE() { mutex_.unlock(); }

    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

private:
    Mutex& mutex_;
};

} // namespace lvmpolld
