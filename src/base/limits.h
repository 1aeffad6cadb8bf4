// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstddef>

/// Bounds on everything that a client or a child controls.
namespace lvmpolld::limits {

/// Bytes of one request without its terminator; a longer one gets an error and the connection is
/// closed.
inline constexpr std::size_t request_bytes = std::size_t{1} << 20;
/// Nesting of sections in a request.
inline constexpr std::size_t section_depth = 64;
/// Characters of a VG or LV name, LVM's own limit (lvm(8), "VALID NAMES").
inline constexpr std::size_t name_characters = 127;
/// Bytes of an lvid, sysdir or devicesfile.
inline constexpr std::size_t parameter_bytes = 4096;
/// Clients connected at a time.
inline constexpr std::size_t clients = 1024;
/// Operations in a store.
inline constexpr std::size_t operations = 16384;
/// Bytes of one message over Varlink without its end, in either direction.
inline constexpr std::size_t varlink_message_bytes = std::size_t{64} << 10;
/// Nesting of objects and arrays in such a message.
inline constexpr std::size_t varlink_depth = 16;
/// Clients connected over Varlink at a time.
inline constexpr std::size_t varlink_clients = 512;
/// Bytes that wait for a Varlink client to read them; then nothing more is made for it.
inline constexpr std::size_t varlink_unsent_bytes = std::size_t{64} << 10;
/// Results that stay readable for those who only watch.
inline constexpr std::size_t recent_results = 256;
/// Bytes of the reason that a result is shown with.
inline constexpr std::size_t reason_bytes = 2048;
/// Bytes of lvmpolld.conf.
inline constexpr std::size_t settings_file = std::size_t{64} << 10;
/// How long a client may stall in the middle of a request, or leave a reply unread.
inline constexpr std::chrono::seconds client_stall{30};
/// Bytes of one line of a child's output that are logged together.
inline constexpr std::size_t output_line_bytes = 4096;
/// What an lvpoll that tells all it does (-vvvv) may print while nobody reads it: the monitor may
/// wait for the disk that this one has suspended (docs/durability.md). The most that a pipe can
/// have by default.
inline constexpr int verbose_output_bytes = 1 << 20;
/// Lines of one lvpoll that are logged in a second: its -vvvv is far below.
inline constexpr std::size_t output_lines_per_second = 5000;
/// Lines of an lvpoll's output that an operation is shown with, the last ones, and bytes of each.
inline constexpr std::size_t shown_output_lines = 8;
inline constexpr std::size_t shown_output_bytes = 256;
/// Bytes of a field of a journal entry; the rest is cut off. The largest entry, a few such fields,
/// is still a datagram that a socket takes by default.
inline constexpr std::size_t journal_field_bytes = std::size_t{32} << 10;
/// How long a child is waited for after SIGTERM, at an abort and at the stop.
inline constexpr std::chrono::seconds child_termination{10};

/// How long the stop waits for the state directory.
inline constexpr std::chrono::seconds record_patience{5};

/// Between two reports to the service manager of how far an operation is.
inline constexpr std::chrono::seconds status_pause{30};

/// How long an lvpoll may run before it is asked whether it waits for a lock, and again.
inline constexpr std::chrono::seconds lock_patience{10};

} // namespace lvmpolld::limits
