# SPDX-License-Identifier: LGPL-2.1-or-later
"""From exec to the first reply."""

import os
import resource
import signal
import socket

from client import Client
from messages import HELLO, OK, exited, expect, progress, start
from waiting import Failure, wait_for_path


def the_parent_returns_when_the_socket_accepts(daemon):
    """Scripts use the socket as soon as it has returned."""
    for _ in range(10):
        expect(daemon.run(*daemon.arguments()[1:]).returncode, 0)
        try:
            client = Client(daemon.socket)
        except OSError as error:
            raise Failure(f"after the parent's return: {error}") from None
        finally:
            daemon.adopt()
        expect(client.ask('request="hello"'), HELLO)
        client.close()
        daemon.stop()


def the_parent_fails_if_the_socket_never_accepts(daemon):
    """It returned 0 all the same."""
    impossible = "/etc/passwd/socket"
    done = daemon.run("-s", impossible, "-p", daemon.pidfile, "-B", daemon.fake_lvm)
    if done.returncode == 0 or impossible not in done.stderr:
        raise Failure(f"exit code {done.returncode}, {done.stderr!r}")
    if os.path.exists(daemon.pidfile):
        raise Failure("the pidfile is left behind")


def the_parent_fails_if_the_socket_never_accepts_in_the_reference(daemon):
    """It returns 0 all the same, and says nothing."""
    done = daemon.run("-s", "/etc/passwd/socket", "-p", daemon.pidfile, "-B", daemon.fake_lvm)
    expect((done.returncode, done.stdout, done.stderr), (0, "", ""))


def the_parent_fails_if_the_pidfile_is_held(daemon):
    """With code 13."""
    daemon.start()
    done = daemon.run("-s", daemon.socket + "2", "-p", daemon.pidfile, "-B", daemon.fake_lvm)
    expect(done.returncode, 13)


def a_daemonized_one_lets_go_of_its_terminal(daemon):
    """Standard descriptors on /dev/null, a session of its own, / as its directory."""
    expect(daemon.daemonize().returncode, 0)
    with open(daemon.pidfile) as file:
        pid = int(file.read())
    expect([os.readlink(f"/proc/{pid}/fd/{fd}") for fd in range(3)], ["/dev/null"] * 3)
    expect(os.readlink(f"/proc/{pid}/cwd"), "/")
    expect(os.getsid(pid) in (os.getsid(0), os.getppid()), False)


def a_daemonized_one_starts_children_as_usual(daemon):
    """Descriptors, signals, result."""
    expect(daemon.daemonize().returncode, 0)
    client = Client(daemon.socket)
    client.ask(start())
    child = daemon.puppet("lv1")
    expect(sorted(child.record["descriptors"]), ["0", "1", "2"])
    expect(child.record["ignored"], [13])
    expect(child.record["blocked"], [])


def words_that_are_no_options_are_refused(daemon):
    """A path without its option would else be a daemon with the default one."""
    done = daemon.run("-f", daemon.socket)
    expect(done.returncode, 1)
    if "unexpected argument" not in done.stderr or daemon.socket not in done.stderr:
        raise Failure(done.stderr)


def words_that_are_no_options_are_refused_in_the_reference(daemon):
    """It serves as if they weren't there."""
    daemon.start("a-word", daemon.socket + "2")
    expect(daemon.connect().ask('request="hello"'), HELLO)
    expect(os.path.exists(daemon.socket + "2"), False)


def the_socket_is_bound_last(daemon):
    """Scripts take its existence for readiness: the pidfile is there and written by then."""
    daemon.start()
    with open(daemon.pidfile) as file:
        expect(file.read(), f"{daemon.pid}\n")


def a_huge_descriptor_limit_is_no_burden(daemon):
    """It made the start slow, and that of children: nothing may be done for each possible
    descriptor."""
    output = os.path.join(daemon.directory, "strace")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    daemon.environment["ASAN_OPTIONS"] = "detect_leaks=0"  # it doesn't work under strace
    daemon.launch(["prlimit", f"--nofile={hard}:{hard}", "strace", "-f", "-o", output,
                   daemon.program, *daemon.arguments()])
    wait_for_path(daemon.socket)
    daemon.connect().ask(start())
    daemon.puppet("lv1").do("exit 0")
    daemon.wait_for_dump("polling_finished=1")
    os.kill(int(daemon.read_pidfile()), signal.SIGTERM)
    expect(daemon.wait_exit(), 0)
    with open(output) as file:
        calls = len(file.readlines())
    if calls > 2000:
        raise Failure(f"{calls} system calls with a limit of {hard} descriptors")


def a_low_descriptor_limit_is_raised(daemon):
    """systemd's default, soft 1024 and hard above it, is enough for all clients and their
    operations."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    daemon.launch(["prlimit", f"--nofile=1024:{hard}", daemon.program, *daemon.arguments()])
    wait_for_path(daemon.socket)
    clients = [daemon.connect() for _ in range(1000)]
    for number in range(50):
        expect(clients[-1].ask(start(f"id{number}", f"lv{number}")), OK)
        daemon.puppet(f"lv{number}").do("exit 3")
    for number in range(50):
        expect(clients[-1].result(progress(f"id{number}")), exited(3))


def a_stale_socket_of_another_user_is_left_alone(daemon):
    """Only a root-owned private socket is removed."""
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(daemon.socket)
    os.chmod(daemon.socket, 0o700)
    os.chown(daemon.socket, 65534, 65534)
    done = daemon.run(*daemon.arguments())
    expect(done.returncode, 1)
    expect(os.stat(daemon.socket).st_uid, 65534)
