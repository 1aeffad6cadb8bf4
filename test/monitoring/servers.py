# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prometheus and node_exporter as processes of their own, unprivileged, on loopback, each on a port
that the kernel chose."""

import http.server
import json
import os
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request

from waiting import DEADLINE, Failure, until

NOBODY = 65534
LISTENING = "0A"


def unprivileged():
    """How Popen starts a process of nobody, if this one may do so."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def _port_of(process):
    """The port of loopback that it listens on; None if there is none yet."""
    inodes = set()
    for descriptor in os.scandir(f"/proc/{process.pid}/fd"):
        try:
            inodes.add(os.readlink(descriptor.path))
        except FileNotFoundError:
            pass  # closed meanwhile
    with open(f"/proc/{process.pid}/net/tcp") as table:
        rows = [line.split() for line in table][1:]
    for row in rows:
        if row[3] == LISTENING and f"socket:[{row[9]}]" in inodes:
            return int(row[1].partition(":")[2], 16)
    return None


class Server:
    """One program that listens, until the test ends."""

    def __init__(self, test, directory, name, *command):
        self.log = open(os.path.join(directory, name + ".log"), "w+")
        test.addCleanup(self.log.close)
        self.process = subprocess.Popen(
            command, cwd="/", stdout=self.log, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, **unprivileged()
        )
        test.addCleanup(self._end)
        self.port = until(f"{name} listens", self._listens, pause=0.1)
        self.address = f"127.0.0.1:{self.port}"

    def _listens(self):
        if self.process.poll() is not None:
            raise Failure(f"it has ended: {self.said()}")
        return _port_of(self.process)

    def _end(self):
        self.process.kill()
        self.process.wait()

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def get(self, path):
        with urllib.request.urlopen(f"http://{self.address}{path}", timeout=DEADLINE) as reply:
            return reply.read().decode()


class Prometheus(Server):
    """`jobs`: to the address of each one's target. It looks twice a second."""

    def __init__(self, test, directory, rules, jobs):
        configuration = {
            "global": {"scrape_interval": "500ms", "evaluation_interval": "500ms"},
            "rule_files": [rules],
            "scrape_configs": [
                {"job_name": job, "static_configs": [{"targets": [address]}]}
                for job, address in jobs.items()
            ],
        }
        path = os.path.join(directory, "prometheus.yml")
        with open(path, "w") as file:
            json.dump(configuration, file)  # JSON is YAML
        data = os.path.join(directory, "data")
        os.mkdir(data)
        if unprivileged():
            os.chown(data, NOBODY, NOBODY)
        super().__init__(
            test, directory, "prometheus", "/usr/bin/prometheus", f"--config.file={path}",
            f"--storage.tsdb.path={data}", "--web.listen-address=127.0.0.1:0",
            "--log.level=warn",
        )

    def ask(self, path, **parameters):
        """The data of the answer; None while it does not answer yet."""
        try:
            answer = self.get(f"/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
        except urllib.error.HTTPError as error:
            if error.code != 503:
                raise
            return None  # it starts
        return json.loads(answer)["data"]

    def value(self, expression):
        """The number of the only series; None if there is none."""
        data = self.ask("query", query=expression)
        if data is None or not data["result"]:
            return None
        (series,) = data["result"]
        return float(series["value"][1])

    def firing(self, alert):
        """The labels of each that fires."""
        data = self.ask("alerts")
        return [
            each["labels"]
            for each in (data or {"alerts": []})["alerts"]
            if each["labels"]["alertname"] == alert and each["state"] == "firing"
        ]


class Exporter:
    """Serves what a command prints, as OpenMetrics."""

    def __init__(self, test, command):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                text = subprocess.run(command, check=True, capture_output=True).stdout
                self.send_response(200)
                self.send_header("Content-Type",
                                 "application/openmetrics-text; version=1.0.0; charset=utf-8")
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        test.addCleanup(server.server_close)
        test.addCleanup(thread.join)
        test.addCleanup(server.shutdown)
        self.address = f"127.0.0.1:{server.server_address[1]}"
