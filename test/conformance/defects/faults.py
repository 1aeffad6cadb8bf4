# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the system refuses: descriptors, processes, threads, memory, programs. Each refusal is
provoked once, by a limit that is set on the running daemon or by strace, and ends with an error in
the log that names the thing, the right answer for the client, nothing lost or left behind, and
normal service afterwards.

Descriptors have a file of their own, descriptors.py.

What a unit test or another of these folders holds already isn't here again:

    too few descriptors for a spawn, any number
        Spawn.WithoutDescriptorsFailsAndLeavesNothing
    no program, a folder in its place
        Spawn.AMissingProgramIsAFailureToExecute, Spawn.AFolderIsNoProgram
    100 and 101, once, as an operation's result
        MonitorTest.WithoutPipesTheResultIs100, MonitorTest.WithoutAProgramTheResultIs101
    a later lvpoll that can't be started
        WatchLaterSpawnFailureTest.*
    an abort that can't be started
        MonitorTest.PollingGoesOnAfterAnAbortThatCannotStart
    an exception while an operation is polled
        MonitorTest.AnExceptionFailsTheOperationAndNoOther
    each single allocation of a request, and of the monitor's side
        WithoutMemory.* (test/unit/daemon, test/unit/engine, test/unit/process), ReplyBuffer.*
    a child that can't be watched and doesn't end
        ReapUnwatched.LeavesOneThatDoesNotEnd
    no thread for a comparison
        WatchPostponedTest.WithoutAThreadTheLegsAreComparedLater
    a comparison that fails, a leg not readable
        WatchPostponedTest.WhatCouldNotBeComparedIsComparedLater,
        WatchVerificationTest.LegsThatCannotBeReadAreNotCommitted
    the kernel's log unreadable
        CopyErrorsTest.WithoutTheLogEveryCopyIsSuspect,
        WatchSuspicionTest.WithoutTheLogEachSegmentIsComparedOnce
    device-mapper fails while watched
        KernelWatchTest.AFailureWakesAllSoThatTheyMeetItThemselves,
        WatchUnverifiedTest.SuspectIsNotLeftToLvpollIfTheKernelRefuses
    no device-mapper, no events, for adoption
        ControlKernel.WithoutDeviceMapperCannotWatchAndSaysWhy,
        AdoptionTest.WithoutDeviceMapperItSaysSo, AdoptionTest.WithoutEventsItSaysSo
    state directory full, read-only, gone, no memory
        survival.*, StateDirectoryTest.AFullFileSystemIsReportedAndItsEndToo, WithoutMemory.*
    socket, pidfile or folder that can't be made
        ListeningSocketTest.*, PidfileTest.AFailureNamesTheFile, start.*
    a service manager that doesn't read
        service_manager.*, NotificationTest.DeliveryHasAnEnd
    a state directory that is slow
        survival.a_slow_state_directory_keeps_nobody_waiting, RecordWriterTest.*
    more clients or operations than the limits
        clients.over_1024_are_refused, ServiceTest.BeyondTheLimitThereIsNotEnoughMemory
    a log that isn't read
        children.a_full_pipe_never_blocks_them
"""

import os
import shutil

from client import TERMINATOR
from messages import HELLO, IN_PROGRESS, NOT_FOUND, OK, exited, expect, progress, start
from refusals import (expect_failed_start, expect_service, injected, memory_left,
                      settle_log, start_with_a_running_child, start_without_threads)
from varlink import Varlink
from waiting import Failure

NO_PROCESS = "clone:error=EAGAIN", "clone3:error=EAGAIN", "vfork:error=EAGAIN"
NO_MEMORY = 'response = "failed"\nreason = "not enough memory"\n'


def no_pipe_is_100(daemon):
    """ENFILE: the system has no more."""
    client, child, monitor = start_with_a_running_child(daemon)
    with injected(monitor, "pipe2:error=ENFILE"):
        expect_failed_start(daemon, client, 100, "Too many open files in system")
    expect_service(daemon, client, child)


def no_process_is_101(daemon):
    """EAGAIN: as with RLIMIT_NPROC, which root is exempt from, and in a cgroup that is full."""
    client, child, monitor = start_with_a_running_child(daemon)
    with injected(monitor, *NO_PROCESS):
        expect_failed_start(daemon, client, 101, "Resource temporarily unavailable")
    expect_service(daemon, client, child)


def a_message_without_thread_comes_with_the_next(daemon):
    """The log's thread starts with the first message, here that of the first operation."""
    daemon.start()
    watcher = Varlink(daemon)
    expect(watcher.operations(), [])  # which the monitor's thread, the only other one, looks up
    monitor, *others = set(os.listdir(f"/proc/{daemon.pid}/task")) - {str(daemon.pid)}
    if others and daemon.has_a_sanitizer():
        return  # it has a thread of its own
    watcher.close()
    client = daemon.connect()
    with injected(monitor, *NO_PROCESS):
        expect(client.ask(start()), OK)
        expect(client.result(progress()), exited(101))
    expect(daemon.log, "")
    expect_service(daemon, client)
    daemon.wait_for_log("begins\n"
                        ".*: lvm could not be started: Resource temporarily unavailable\n"
                        "(.*\n)*.*exit code 3$")


def no_pidfd_is_101_and_the_child_is_ended(daemon):
    """One that can't be waited for must not be left behind."""
    client, child, monitor = start_with_a_running_child(daemon)
    with injected(monitor, "pidfd_open:error=ENOMEM"):
        expect_failed_start(daemon, client, 101, "Cannot allocate memory")
        expect(daemon.children(), [child.pid])
    expect_service(daemon, client, child)


def a_child_that_epoll_refuses_is_100_and_ends(daemon):
    """ENOSPC, the user's limit of watches: for the pidfd, for either pipe. No descriptor is left
    open."""
    client, child, monitor = start_with_a_running_child(daemon)
    before = daemon.settled_descriptors(client)
    for number in (1, 2, 3):
        with injected(monitor, f"epoll_ctl:error=ENOSPC:when={number}"):
            expect_failed_start(daemon, client, 100, "No space left on device", f"lv{number}")
        expect(daemon.children(), [child.pid])
        expect(daemon.settled_descriptors(client), before)
    expect_service(daemon, client, child)


def an_unwatchable_survivor_is_not_doubled(daemon):
    """An lvpoll of a killed daemon: the next one doesn't start rather than start another beside
    it."""
    daemon.environment["ASAN_OPTIONS"] = "detect_leaks=0"  # it doesn't work under strace
    client, child, _ = start_with_a_running_child(daemon)
    expect(client.ask(start()), OK)
    daemon.puppet("lv1").do("exit 4")
    expect(client.result(progress()), exited(4))
    daemon.send_signal("KILL")
    daemon.wait_exit()
    daemon.launch(["strace", "-f", "-o", os.path.join(daemon.directory, "strace"),
                   "-e", "inject=pidfd_open:error=ENOMEM", daemon.program, *daemon.arguments()])
    expect(daemon.wait_exit(), 1)
    daemon.wait_for_log(r"cannot watch process \d+, perhaps of an earlier daemon: "
                        r"Cannot allocate memory$")
    daemon.launch([daemon.program, *daemon.arguments()])
    client = daemon.connect()
    expect(client.ask(progress("id0")), IN_PROGRESS)
    daemon.stage.expect_no_more()
    child.do("exit 0", wait=False)
    expect_service(daemon, client, daemon.puppet("lv0"))


def a_client_that_epoll_refuses_does_not_wait(daemon):
    """Its connection is closed; the others are served meanwhile."""
    daemon.start()
    clients = [daemon.connect() for _ in range(2)]  # on a thread each
    for client in clients:
        settle_log(daemon, client)
    before = daemon.settled_descriptors(client)
    with injected(daemon.pid, "epoll_ctl:error=ENOSPC", follow=True):
        for _ in range(3):
            daemon.connect().expect_closed()
        daemon.wait_for_log("error: a client's session failed: .*No space left on device$")
        for client in clients:
            expect(client.ask('request="hello"'), HELLO)
    expect(daemon.settled_descriptors(client), before)
    expect_service(daemon, client)


def no_thread_for_a_client_refuses_it(daemon):
    """The second one needs one for itself. So does the log for its messages."""
    daemon.start()
    client = daemon.connect()
    with injected(daemon.pid, "clone:error=EAGAIN", "clone3:error=EAGAIN"):
        daemon.connect().expect_closed()
        expect(client.ask('request="hello"'), HELLO)
    expect_service(daemon, client)
    daemon.wait_for_log("error: a client is refused: cannot start a thread: "
                        "Resource temporarily unavailable")


def no_thread_that_polls_refuses_operations(daemon):
    """It starts without one, and answers what needs none."""
    if daemon.has_a_sanitizer():
        return  # it starts a thread itself
    start_without_threads(daemon, "1+")
    client = daemon.connect()
    for _ in range(2):
        expect(client.ask(start()), NO_MEMORY)
        expect(client.ask('request="hello"'), HELLO)


def without_an_lvm_it_does_not_start(daemon):
    """Missing, not executable, a folder: the path is named, and no file is left."""
    path = os.path.join(daemon.directory, "lvm")
    daemon.fake_lvm = path
    for make, reason in ((lambda: None, "No such file or directory"),
                         (lambda: open(path, "w").close(), "Permission denied")):
        make()
        done = daemon.run(*daemon.arguments())
        expect(done.returncode, 1)
        if f"cannot run the lvm program {path}" not in done.stderr or reason not in done.stderr:
            raise Failure(done.stderr)
        if os.path.exists(daemon.socket) or os.path.exists(daemon.pidfile):
            raise Failure("something is left behind")


def an_lvm_that_vanishes_is_101_until_it_is_back(daemon):
    """As during its upgrade; likewise one that can't be executed, or is no program."""
    path = os.path.join(daemon.directory, "lvm")
    genuine, daemon.fake_lvm = daemon.fake_lvm, path
    shutil.copy(genuine, path)
    daemon.start()
    client = daemon.connect()
    os.unlink(path)
    expect_failed_start(daemon, client, 101, "No such file or directory", "lv1")
    shutil.copy(genuine, path)
    os.chmod(path, 0o600)
    expect_failed_start(daemon, client, 101, "Permission denied", "lv2")
    os.unlink(path)
    with open(path, "w") as file:
        file.write("no program")
    os.chmod(path, 0o700)
    expect_failed_start(daemon, client, 101, "Exec format error", "lv3")
    os.unlink(path)
    shutil.copy(genuine, path)
    expect_service(daemon, client)


def without_memory_for_it_a_request_is_refused(daemon):
    """With too little for the message itself its connection ends. With too little for what is made
    of it the answer says so, nothing is in progress, and the connection serves on. With enough it
    is accepted. Others notice nothing.

    Only large pieces run short here. The small ones are WithoutMemory's; if Asio has none for its
    own at the beginning of a wait, it ends the process, and the next one goes on."""
    if daemon.has_a_sanitizer():
        return
    client, child, _ = start_with_a_running_child(daemon)
    long_request = start(more="x=1\n" * 225_000)
    for size, reply in ((256 << 10, None), (4 << 20, NO_MEMORY), (256 << 20, OK)):
        asking = daemon.connect()
        expect(asking.ask('request="hello"'), HELLO)
        with memory_left(daemon, size):
            asking.send(long_request.encode() + TERMINATOR)
            if reply is None:
                asking.expect_closed()
            else:
                expect(asking.reply(), reply)
            expect(client.ask(progress("id0")), IN_PROGRESS)
            if reply != OK:
                expect(client.ask(progress()), NOT_FOUND)
    daemon.wait_for_log("error: a client is dropped: not enough memory$")
    daemon.wait_for_log("error: not enough memory for a request$")
    daemon.puppet("lv1").do("exit 5")
    expect(asking.result(progress()), exited(5))
    daemon.stage.expect_no_more()
    expect_service(daemon, client, child)
