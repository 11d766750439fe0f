"""docker stats as a stream: each sample carries the CPU numbers of the one before."""

import json
import signal

from support.daemon import Sockerlessd
from support.processes import wait_until
from support.raw_http import connect, request

from e2e.base import EndToEnd, shared_registry


class Statistics(EndToEnd):
    def setUp(self):
        self.daemon = self.use(Sockerlessd(shared_registry()))
        self.docker = self.cli(self.daemon)
        self.docker.ok("run", "-d", "--name", "box", "busybox", "sh", "-c", "while :; do :; done")

    def samples(self, count):
        """The first samples of the stream, which is then left."""
        with connect(self.daemon.address) as connection:
            connection.sendall(b"GET /v1.41/containers/box/stats HTTP/1.1\r\nHost: docker\r\n\r\n")
            stream = connection.makefile("rb")
            lines = []
            while len(lines) < count:
                line = stream.readline()
                self.assertTrue(line, "the stream ended")
                if line.startswith(b"{"):
                    lines.append(json.loads(line))
        return lines

    def test_every_sample_holds_the_one_before(self):
        first, second, third = self.samples(3)
        self.assertEqual(first["precpu_stats"]["cpu_usage"]["total_usage"], 0)
        for before, after in ((first, second), (second, third)):
            self.assertEqual(after["precpu_stats"], before["cpu_stats"])
            self.assertEqual(after["preread"], before["read"])
            self.assertGreater(after["cpu_stats"]["cpu_usage"]["total_usage"], 0)
            self.assertGreater(after["cpu_stats"]["system_cpu_usage"], before["cpu_stats"]["system_cpu_usage"])
            used = [sample["cpu_stats"]["cpu_usage"]["total_usage"] for sample in (before, after)]
            self.assertGreater(used[1], used[0])

    def test_a_client_that_leaves_harms_nobody(self):
        self.samples(1)
        self.assertEqual(request(self.daemon.address, "GET", "/_ping").status, 200)

    def test_the_command_line_shows_what_is_used(self):
        running = self.docker.start("stats", "--format", "{{.Name}} {{.CPUPerc}} {{.PIDs}}", "box")
        # The first line has nothing to compare with; what follows has.
        wait_until(lambda: any(self.is_busy(line) for line in running.output().splitlines()), "the CPU is seen", 30)
        running.interrupt(signal.SIGKILL)
        running.finish(20)

    def is_busy(self, line):
        _, _, shown = line.rpartition("box ")
        percent = shown.partition("%")[0]
        return percent.replace(".", "", 1).isdigit() and float(percent) > 1
