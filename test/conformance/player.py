# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plays the statements of a script against a daemon."""

import ast
import re
import shlex
import subprocess
import time

from client import TERMINATOR
from dumps import comparable_dump, expected_dump
from waiting import DEADLINE, Failure


class Player:
    def __init__(self, daemon, side, spells_as_ours):
        self.daemon = daemon
        self.side = side
        self.spelling = "error_occurred" if side == "ours" or spells_as_ours else "error_occured"
        self.clients = {}
        self.puppets = {}
        self.started = False
        self.any_lvpoll_may_run = False

    def perform(self, statement):
        text = statement.text
        if match := re.match(r"([A-Z])(<~|>>|>|<)? ?(.*)", text, re.S):
            self.client_statement(match[1], match[2], match[3], statement.block)
            return
        verb, _, rest = text.partition(" ")
        method = getattr(self, "do_" + verb.replace("-", "_"), None)
        if method is not None:
            method(self.expand(rest), [self.expand(line) for line in statement.block])
        else:
            self.puppet_statement(verb, self.expand(rest))

    def expand(self, text):
        """${socket}, ${pidfile}, ${dir}, ${program}, ${lvm} and ${pid:LV}."""
        def value(match):
            name = match[1]
            if name.startswith("pid:"):
                return str(self.puppets[name[4:]].pid)
            if name == "pid":
                return str(self.daemon.pid)
            return self.variables()[name]
        return re.sub(r"\$\{([^}]*)\}", value, text)

    def variables(self):
        return {"socket": self.daemon.socket, "pidfile": self.daemon.pidfile,
                "dir": self.daemon.directory, "program": self.daemon.program,
                "lvm": self.daemon.fake_lvm}

    # The daemon

    def start(self):
        if not self.started:
            self.started = True
            self.daemon.start()

    def do_options(self, text, _):
        self.daemon.options += shlex.split(text)

    def do_arguments(self, text, _):
        self.daemon.all_arguments = shlex.split(text)

    def do_daemonize(self, _, __):
        self.started = True
        if (done := self.daemon.daemonize()).returncode != 0:
            raise Failure(f"the parent exited with {done.returncode}: {done.stderr}")

    def do_environment(self, text, _):
        name, _, value = text.partition("=")
        self.daemon.environment[name] = value

    def do_start(self, _, __):
        self.start()

    def do_start_over_an_old_socket(self, _, __):
        """Its existence says nothing; the first client waits until somebody listens."""
        self.started = True
        self.daemon.start(ready=False)

    def do_activate(self, _, __):
        """As the service manager would: with the listening socket as descriptor 3."""
        self.started = True
        self.daemon.activate()

    def do_still_runs_after(self, seconds, _):
        self.start()
        self.daemon.expect_to_run_for(float(seconds))

    def do_signal(self, name, _):
        self.start()
        self.daemon.send_signal(name)

    def do_exits(self, code, _):
        if (actual := self.daemon.wait_exit()) != int(code):
            raise Failure(f"the daemon exited with {actual}")

    def do_log(self, pattern, _):
        self.daemon.wait_for_log(pattern)

    def do_no_log(self, pattern, _):
        if match := re.search(pattern, self.daemon.log, re.M):
            raise Failure(f"the log has {match[0]!r}")

    def do_shell(self, command, expected):
        environment = {**self.daemon.environment, **self.variables()}
        try:
            done = subprocess.run(["/bin/sh", "-c", command], env=environment,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, timeout=DEADLINE,
                                  errors="replace")
        except subprocess.TimeoutExpired:
            raise TimeoutError("the command didn't end in time") from None
        if done.returncode != 0:
            raise Failure(f"exit code {done.returncode}: {done.stdout}")
        if expected and (actual := done.stdout.splitlines()) != expected:
            raise Failure(difference("\n".join(expected), "\n".join(actual)))

    # Clients

    def client(self, name):
        if name not in self.clients:
            self.start()
            self.clients[name] = self.daemon.connect()
        return self.clients[name]

    def client_statement(self, name, verb, text, block):
        client = self.client(name)
        lines = "\n".join([text, *block] if text else block)
        if verb == ">":
            client.send(self.expand(lines).encode("latin-1") + TERMINATOR)
        elif verb == ">>":
            expected = self.expand("\n".join(block)) + "\n"
            self.expect_reply(expected, client.result(self.expand(text)))
        elif verb == "<":
            self.expect_reply(self.expand(lines) + "\n", client.reply())
        elif verb == "<~":
            reply = client.reply()
            if not re.search(lines, reply):
                raise Failure(f"{reply!r} doesn't match {lines!r}")
        else:
            word, _, rest = text.partition(" ")
            getattr(self, "client_" + word.replace("-", "_"))(client, name, rest, block)

    def expect_reply(self, expected, actual):
        if actual != expected:
            raise Failure(difference(expected, actual))

    def client_sends(self, client, _, text, __):
        """A Python expression of bytes, sent as they are."""
        client.send(evaluate(text))

    def client_half_closes(self, client, *_):
        client.half_close()

    def client_closes(self, client, name, *_):
        client.close()
        del self.clients[name]

    def client_is_closed(self, client, *_):
        client.expect_closed()

    def client_hears_nothing(self, client, *_):
        self.client("the witness").ask('request="hello"')
        client.expect_silence()

    def client_dumps(self, client, _, __, block):
        """Asked again until it is so, since the ends of children reach the daemon in their own
        time. One line an operation: STORE LVID TYPE VG/LV [interval=15] [sysdir=DIR] count=N
        pid=PUPPET STATE."""
        operations = [self.expand(line) for line in block]
        expected = expected_dump(operations, self.puppets, self.spelling)
        expected = comparable_dump(expected, "reference")
        end = time.monotonic() + DEADLINE
        while (actual := comparable_dump(client.ask('request="dump"'), self.side)) != expected:
            if time.monotonic() > end:
                raise Failure(difference(expected, actual))
            time.sleep(0.002)

    # Puppets

    def do_any_lvpoll_may_run(self, _, __):
        """The runs that this script doesn't name are no failure."""
        self.any_lvpoll_may_run = True

    def puppet_statement(self, name, text):
        verb, _, rest = text.partition(" ")
        if verb == "runs":
            self.puppets[name] = puppet = self.daemon.puppet(name)
            if puppet.argv != rest:
                raise Failure(difference(rest, puppet.argv))
            return
        puppet = self.puppets.get(name)
        if puppet is None and verb == "appears":  # a grandchild
            self.puppets[name] = self.daemon.puppet(name)
            return
        if puppet is None:
            raise Failure(f"no such statement, and no puppet {name} that runs")
        if verb == "has":
            variable, _, value = rest.partition("=")
            if puppet.environment.get(variable) != value:
                raise Failure(f"environment {variable}={puppet.environment.get(variable)}")
        elif verb == "lacks":
            if rest in puppet.environment:
                raise Failure(f"environment {rest}={puppet.environment[rest]}")
        elif verb == "ends":
            puppet.ended()
        elif verb == "is-signalled":
            puppet.signalled()
        elif verb == "is-alive":
            puppet.expect_alive()
        else:
            puppet.do(text)

    def finish(self):
        """Nothing was left unsaid."""
        for name, client in self.clients.items():
            if client.received:
                raise Failure(f"{name} got more than expected: {client.received!r}")
        if not self.any_lvpoll_may_run:
            self.daemon.stage.expect_no_more()


def evaluate(text):
    """Bytes literals joined by `+` and repeated by `*`."""
    def value(node):
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return value(node.left) + value(node.right)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            return value(node.left) * value(node.right)
        raise Failure(f"not an expression of bytes: {text}")
    return value(ast.parse(text, mode="eval").body)


def difference(expected, actual):
    lines = ["expected:"] + ["    " + line for line in expected.splitlines()]
    lines += ["got:"] + ["    " + line for line in actual.splitlines()]
    return "\n".join(lines)
