# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the system refuses: descriptors, processes, threads, memory, programs. Each refusal is
provoked once, by a limit that is set on the running daemon or by strace, and ends with an error in
the log that names the thing, the right answer for the client, nothing lost or left behind, and
normal service afterwards.

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
        WatchVerificationTest.WhatCannotBeComparedIsNotCommitted
    a comparison that fails, a leg not readable
        WatchVerificationTest.AComparisonThatFailsIsNoReasonToCommit,
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

import contextlib
import os
import re
import resource
import shutil
import subprocess

from harness import Failure, TERMINATOR, wait_for_path
from messages import HELLO, IN_PROGRESS, NOT_FOUND, OK, exited, expect, progress, start

NO_MEMORY = 'response = "failed"\nreason = "not enough memory"\n'


def _has_a_sanitizer(daemon):
    """It needs memory and, to look at its objects, descriptors of its own: a limit would end the process."""
    with open(daemon.program, "rb") as file:
        program = file.read()
    return b"__asan_init" in program or b"__tsan_init" in program


class _Limit:
    """A resource limit of the running daemon, until the end of the `with`."""

    def __init__(self, daemon, kind, value):
        self.pid, self.kind, self.value = daemon.pid, kind, value

    def __enter__(self):
        self.before = resource.prlimit(self.pid, self.kind)
        resource.prlimit(self.pid, self.kind, (self.value, self.before[1]))
        return self

    def __exit__(self, *_):
        resource.prlimit(self.pid, self.kind, self.before)


def _descriptors_left(daemon, client, count=0):
    """So many descriptors may be opened and no more: the lowest that are free."""
    daemon.settled_descriptors(client)
    used = set(map(int, daemon.descriptors()))
    free = [number for number in range(len(used) + count + 1) if number not in used]
    return _Limit(daemon, resource.RLIMIT_NOFILE, free[count])


@contextlib.contextmanager
def _injected(thread, *faults, follow=False):
    """strace makes the system calls of one thread (or of all of its process) fail, until the end of the `with`."""
    command = ["strace", *(["-f"] if follow else []), "-p", str(thread)]
    calls = ",".join(fault.partition(":")[0] for fault in faults)
    command += ["-e", "trace=" + calls] + [option for fault in faults for option in ("-e", "inject=" + fault)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          text=True) as strace:
        try:
            if "attached" not in (line := strace.stderr.readline()):
                raise Failure(f"strace: {line}")
            yield
        finally:
            strace.terminate()
            said = strace.stderr.read()
    if "INJECTED" not in said:
        raise Failure(f"nothing was injected: {said}")


def _monitor_thread(daemon):
    """The thread that has children: some lvpoll must run."""
    tasks = f"/proc/{daemon.pid}/task"
    for task in os.listdir(tasks):
        with open(f"{tasks}/{task}/children") as file:
            if file.read().split():
                return task
    raise Failure("no thread has a child")


def _settle_log(daemon, client):
    """With the first errors the log starts its thread and opens what it writes to."""
    for code in (8, 9):
        expect(client.ask(start("first", "first")), OK)
        daemon.puppet("first").do(f"exit {code}")
        expect(client.result(progress("first")), exited(code))
        daemon.wait_for_log(f"exit code {code}$")


def _start_with_a_running_child(daemon):
    """Gives a client, the child, and the thread that starts children."""
    daemon.start()
    client = daemon.connect()
    _settle_log(daemon, client)
    expect(client.ask(start("id0", "lv0")), OK)
    child = daemon.puppet("lv0")
    return client, child, _monitor_thread(daemon)


def _expect_service(daemon, client, child=None):
    """What ran goes on, what is new is served, and nobody else's child is left."""
    if child is not None:
        child.do("exit 7")
        expect(client.result(progress("id0")), exited(7))
    expect(client.ask(start("after", "after")), OK)
    daemon.puppet("after").do("exit 3")
    expect(client.result(progress("after")), exited(3))
    expect(client.ask(progress("after")), NOT_FOUND)
    expect(daemon.children(), [])
    expect(daemon.connect().ask('request="hello"'), HELLO)


def _expect_failed_start(daemon, client, code, reason, lv="lv1"):
    expect(client.ask(start(lv, lv)), OK)
    expect(client.result(progress(lv)), exited(code))
    thing = {100: "no pipes for lvpoll's output", 101: "lvm could not be started"}[code]
    daemon.wait_for_log(rf"error: polling of vg/{lv} \(pvmove\): {thing}: {reason}$")


def no_descriptor_for_a_child_is_100(daemon):
    """Whichever of the six it is that there isn't: /dev/null, four ends of pipes, the pidfd. With six it runs."""
    if _has_a_sanitizer(daemon):
        return
    client, child, _ = _start_with_a_running_child(daemon)
    before = daemon.settled_descriptors(client)
    for count in range(6):
        with _descriptors_left(daemon, client, count):
            _expect_failed_start(daemon, client, 100, "Too many open files", f"lv{count + 1}")
        expect(daemon.settled_descriptors(client), before)
    with _descriptors_left(daemon, client, 6):
        expect(client.ask(start("lv7", "lv7")), OK)
        daemon.puppet("lv7").do("exit 5")
        expect(client.result(progress("lv7")), exited(5))
    _expect_service(daemon, client, child)


def a_record_without_a_descriptor_is_made_up_for(daemon):
    """The operation goes on in memory, and is recorded once that is possible."""
    if _has_a_sanitizer(daemon):
        return
    client, child, _ = _start_with_a_running_child(daemon)
    with _descriptors_left(daemon, client):
        _expect_failed_start(daemon, client, 100, "Too many open files")
        daemon.wait_for_log(r"error: operations CAN'T be written to the state directory .*: Too many open files")
    child.do("exit 7")
    daemon.wait_for_log("operations are written to the state directory .* again")
    expect(client.result(progress("id0")), exited(7))
    _expect_service(daemon, client)


def no_descriptor_for_a_client_makes_it_wait(daemon):
    """It is served once there are some again; the others meanwhile. Told once, and without spinning."""
    if _has_a_sanitizer(daemon):
        return
    daemon.start()
    client = daemon.connect()
    expect(client.ask('request="hello"'), HELLO)
    with _descriptors_left(daemon, client):
        late = daemon.connect()
        late.send(b'request="hello"' + TERMINATOR)
        daemon.wait_for_log("error: cannot accept a client: Too many open files$")
        before = daemon.cpu_seconds()
        daemon.expect_to_run_for(0.5)  # it tries again five times
        if (used := daemon.cpu_seconds() - before) > 0.1:
            raise Failure(f"it used {used:.2f} s of CPU time in 0.5 s")
        expect(client.ask('request="hello"'), HELLO)
        late.expect_silence()
    expect(late.reply(), HELLO)
    expect(daemon.log.count("cannot accept"), 1)
    _expect_service(daemon, client)


def no_pipe_is_100(daemon):
    """ENFILE: the system has no more."""
    client, child, monitor = _start_with_a_running_child(daemon)
    with _injected(monitor, "pipe2:error=ENFILE"):
        _expect_failed_start(daemon, client, 100, "Too many open files in system")
    _expect_service(daemon, client, child)


def no_process_is_101(daemon):
    """EAGAIN: as with RLIMIT_NPROC, which root is exempt from, and in a cgroup that is full."""
    client, child, monitor = _start_with_a_running_child(daemon)
    with _injected(monitor, "clone:error=EAGAIN", "clone3:error=EAGAIN", "vfork:error=EAGAIN"):
        _expect_failed_start(daemon, client, 101, "Resource temporarily unavailable")
    _expect_service(daemon, client, child)


def a_message_without_thread_comes_with_the_next(daemon):
    """The log's thread starts with the first message, which is about there being none."""
    daemon.start()
    client = daemon.connect()
    expect(client.ask(start("id0", "lv0", operation="merge")), OK)
    child = daemon.puppet("lv0")
    with _injected(_monitor_thread(daemon), "clone:error=EAGAIN", "clone3:error=EAGAIN", "vfork:error=EAGAIN"):
        expect(client.ask(start()), OK)
        expect(client.result(progress()), exited(101))
    expect(daemon.log, "")
    _expect_service(daemon, client, child)
    daemon.wait_for_log("error: .*: lvm could not be started: Resource temporarily unavailable\n.*exit code 7$")


def no_pidfd_is_101_and_the_child_is_ended(daemon):
    """One that can't be waited for must not be left behind."""
    client, child, monitor = _start_with_a_running_child(daemon)
    with _injected(monitor, "pidfd_open:error=ENOMEM"):
        _expect_failed_start(daemon, client, 101, "Cannot allocate memory")
        expect(daemon.children(), [child.pid])
    _expect_service(daemon, client, child)


def a_child_that_epoll_refuses_is_100_and_ends(daemon):
    """ENOSPC, the user's limit of watches: for the pidfd, for either pipe. No descriptor is left open."""
    client, child, monitor = _start_with_a_running_child(daemon)
    before = daemon.settled_descriptors(client)
    for number in (1, 2, 3):
        with _injected(monitor, f"epoll_ctl:error=ENOSPC:when={number}"):
            _expect_failed_start(daemon, client, 100, "No space left on device", f"lv{number}")
        expect(daemon.children(), [child.pid])
        expect(daemon.settled_descriptors(client), before)
    _expect_service(daemon, client, child)


def an_unwatchable_survivor_is_not_doubled(daemon):
    """An lvpoll of a killed daemon: the next one doesn't start rather than start another beside it."""
    daemon.environment["ASAN_OPTIONS"] = "detect_leaks=0"  # it doesn't work under strace
    client, child, _ = _start_with_a_running_child(daemon)
    expect(client.ask(start()), OK)
    daemon.puppet("lv1").do("exit 4")
    expect(client.result(progress()), exited(4))
    daemon.send_signal("KILL")
    daemon.wait_exit()
    daemon.launch(["strace", "-f", "-o", os.path.join(daemon.directory, "strace"), "-e", "inject=pidfd_open:error=ENOMEM",
                   daemon.program, *daemon.arguments()])
    expect(daemon.wait_exit(), 1)
    daemon.wait_for_log(r"cannot watch process \d+, perhaps of an earlier daemon: Cannot allocate memory$")
    daemon.launch([daemon.program, *daemon.arguments()])
    client = daemon.connect()
    expect(client.ask(progress("id0")), IN_PROGRESS)
    daemon.stage.expect_no_more()
    child.do("exit 0", wait=False)
    _expect_service(daemon, client, daemon.puppet("lv0"))


def a_client_that_epoll_refuses_does_not_wait(daemon):
    """Its connection is closed; the others are served meanwhile."""
    daemon.start()
    clients = [daemon.connect() for _ in range(2)]  # on a thread each
    for client in clients:
        _settle_log(daemon, client)
    before = daemon.settled_descriptors(client)
    with _injected(daemon.pid, "epoll_ctl:error=ENOSPC", follow=True):
        for _ in range(3):
            daemon.connect().expect_closed()
        daemon.wait_for_log("error: a client's session failed: .*No space left on device$")
        for client in clients:
            expect(client.ask('request="hello"'), HELLO)
    expect(daemon.settled_descriptors(client), before)
    _expect_service(daemon, client)


def no_thread_for_a_client_refuses_it(daemon):
    """The second one needs one for itself, the first operation the monitor's. So does the log for its messages."""
    daemon.start()
    client = daemon.connect()
    with _injected(daemon.pid, "clone:error=EAGAIN", "clone3:error=EAGAIN"):
        daemon.connect().expect_closed()
        expect(client.ask(start()), 'response = "failed"\nreason = "not enough memory"\n')
        expect(client.ask('request="hello"'), HELLO)
    _expect_service(daemon, client)
    for refused in ("a client", "polling of vg/lv1 .pvmove."):
        daemon.wait_for_log(f"error: {refused}( is|:) refused: cannot start a thread: Resource temporarily unavailable")


def no_timer_descriptor_is_done_without(daemon):
    """Nor an eventfd: there are other ways to keep time and to wake a thread."""
    daemon.environment["ASAN_OPTIONS"] = "detect_leaks=0"  # it doesn't work under strace
    daemon.launch(["strace", "-f", "-o", os.path.join(daemon.directory, "strace"),
                   "-e", "inject=timerfd_create:error=EMFILE", "-e", "inject=eventfd2:error=EMFILE",
                   daemon.program, *daemon.arguments(), "-t", "1"])
    wait_for_path(daemon.socket)
    client = daemon.connect()
    expect(client.ask(start()), OK)
    daemon.puppet("lv1").do("exit 5")
    expect(client.result(progress()), exited(5))
    client.close()
    expect(daemon.wait_exit(), 0)
    with open(os.path.join(daemon.directory, "strace")) as file:
        if file.read().count("INJECTED") < 2:
            raise Failure("nothing was injected")


def too_few_descriptors_for_the_start_fail_it(daemon):
    """With any number of them it either serves or ends with an error that says so."""
    if _has_a_sanitizer(daemon):
        return
    for limit in range(4, 40):
        daemon.launch(["prlimit", f"--nofile={limit}:{limit}", daemon.program, *daemon.arguments()])
        try:
            wait_for_path(daemon.socket, alive=lambda: daemon.process.poll() is None)
            expect(daemon.connect().ask('request="hello"'), HELLO)
            return
        except (Failure, OSError):
            daemon.wait_for_log("Too many open files")
            if "error: cannot accept a client" in daemon.log:  # it serves, but has none left for a client
                daemon.stop()
            else:
                expect(daemon.wait_exit(), 1)
                daemon.reader.join(10)
            daemon.log = ""
    raise Failure("it doesn't start with 40 descriptors")


def without_an_lvm_it_does_not_start(daemon):
    """Missing, not executable, a folder: the path is named, and no file is left."""
    path = os.path.join(daemon.directory, "lvm")
    daemon.fake_lvm = path
    for make, reason in ((lambda: None, "No such file or directory"), (lambda: open(path, "w").close(), "Permission denied")):
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
    _expect_failed_start(daemon, client, 101, "No such file or directory", "lv1")
    shutil.copy(genuine, path)
    os.chmod(path, 0o600)
    _expect_failed_start(daemon, client, 101, "Permission denied", "lv2")
    os.unlink(path)
    with open(path, "w") as file:
        file.write("no program")
    os.chmod(path, 0o700)
    _expect_failed_start(daemon, client, 101, "Exec format error", "lv3")
    os.unlink(path)
    shutil.copy(genuine, path)
    _expect_service(daemon, client)


def _memory_left(daemon, size):
    with open(f"/proc/{daemon.pid}/status") as file:
        used = int(re.search(r"^VmData:\s+(\d+) kB$", file.read(), re.M)[1]) * 1024
    return _Limit(daemon, resource.RLIMIT_DATA, used + size)


def without_memory_for_it_a_request_is_refused(daemon):
    """With too little for the message itself its connection ends. With too little for what is made of it the answer says so,
    nothing is in progress, and the connection serves on. With enough it is accepted. Others notice nothing.

    Only large pieces run short here. The small ones are WithoutMemory's; if Asio has none for its own at the beginning of a
    wait, it ends the process, and the next one goes on."""
    if _has_a_sanitizer(daemon):
        return
    client, child, _ = _start_with_a_running_child(daemon)
    long_request = start(more="x=1\n" * 225_000)
    for size, reply in ((256 << 10, None), (4 << 20, NO_MEMORY), (256 << 20, OK)):
        asking = daemon.connect()
        expect(asking.ask('request="hello"'), HELLO)
        with _memory_left(daemon, size):
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
    _expect_service(daemon, client, child)
