"""One fault of AWS at a time, as a user of the daemon sees it: not at all, or as a delay."""

import time

from support.cloud import SockerlessCloud
from support.processes import wait_until
from support.raw_http import request
from support.remote_daemon import RemoteSockerlessd

from e2e.base import EndToEnd, shared_registry

TWENTY_MINUTES = 20 * 60 * 1000  # milliseconds


class DaemonFaults(EndToEnd):
    def setUp(self):
        super().setUp()
        self.cloud = self.use(SockerlessCloud(shared_registry(), ["--admin", "127.0.0.1:0"]))
        self.admin = self.cloud.admin
        self.addCleanup(self.admin.reset)

    def connect(self, environment=None):
        self.daemon = self.use(RemoteSockerlessd(self.cloud.endpoint, shared_registry(), environment))
        self.docker = self.cli(self.daemon)

    def test_clocks_that_differ_by_twenty_minutes(self):
        """From the daemon's first call on, in both directions, and while it runs."""
        self.admin.change(clockSkewMs=TWENTY_MINUTES)
        self.connect()
        self.assertEqual(self.docker.ok("run", "--rm", "busybox", "echo", "ahead"), "ahead")
        self.admin.change(clockSkewMs=-TWENTY_MINUTES)
        self.assertEqual(self.docker.ok("run", "--rm", "busybox", "echo", "behind"), "behind")
        self.admin.change(clockSkewMs=0)
        self.assertEqual(self.docker.ok("run", "--name", "box", "busybox", "echo", "right"), "right")
        self.assertEqual(self.docker.ok("logs", "box"), "right")
        log = self.daemon.log()
        self.assertGreaterEqual(log.count("signing with AWS's time"), 3)
        self.assertLessEqual(log.count("signing with AWS's time"), 10)  # not again for every call

    def test_logs_that_lag_are_waited_for(self):
        self.admin.change(logLagMs=3000)
        self.connect()
        self.docker.ok("run", "-d", "--name", "box", "busybox", "sh", "-c", "sleep 1; seq 1 500")
        followed = self.docker.ok("logs", "-f", "box")
        self.assertEqual(self.docker.ok("wait", "box"), "0")
        read = self.docker.ok("logs", "box")
        lines = [str(number) for number in range(1, 501)]
        self.assertEqual((followed.splitlines(), read.splitlines()), (lines, lines))

    def test_a_launch_that_takes_its_time(self):
        self.admin.change(launchDelay={"minMs": 1500, "maxMs": 2000})
        self.connect()
        begun = time.monotonic()
        self.assertEqual(self.docker.ok("run", "--rm", "busybox", "echo", "late"), "late")
        self.assertGreater(time.monotonic() - begun, 1.5)

    def test_a_launch_that_takes_longer_than_start(self):
        """start answers, the container counts as running, and what needs its task waits for it."""
        self.admin.change(launchDelay={"minMs": 3000, "maxMs": 3000})
        self.connect({"SOCKERLESS_START_WAIT": "500ms"})
        self.docker.ok("run", "-d", "--name", "box", "busybox", "sleep", "1000")
        state = request(self.daemon.address, "GET", "/v1.41/containers/box/json").json()["State"]
        self.assertEqual((state["Status"], state["StartedAt"]), ("running", "0001-01-01T00:00:00Z"))
        self.assertEqual(self.docker.ok("exec", "box", "echo", "inside"), "inside")
        self.docker.ok("rm", "-f", "box")

    def test_a_launch_that_fails_after_start_has_answered(self):
        self.admin.change(describesToMiss=8)  # so the daemon learns of it late
        self.connect({"SOCKERLESS_START_WAIT": "300ms"})
        self.docker.ok("create", "--name", "box", "127.0.0.1:1/no/such:image", "true")
        self.docker.ok("start", "box")
        self.assertEqual(self.docker.ok("wait", "box"), "125")
        self.assertIn("CannotPullContainerError", self.docker.ok("inspect", "-f", "{{.State.Error}}", "box"))

    def test_a_task_that_is_missing_at_first(self):
        self.admin.change(describesToMiss=6)
        self.connect()
        result = self.docker("run", "--name", "box", "busybox", "sh", "-c", "echo there; exit 3")
        self.assertEqual((result.exit_code, result.stdout), (3, "there\n"), result.stderr)
        self.docker.ok("run", "-d", "--name", "long", "busybox", "sleep", "1000")
        self.assertEqual(self.docker.ok("exec", "long", "echo", "inside"), "inside")
        self.docker.ok("stop", "-t", "1", "long")
        self.assertEqual(self.docker.ok("inspect", "-f", "{{.State.ExitCode}} {{.State.Error}}", "long"), "0")

    def test_spot_capacity_that_is_taken_back(self):
        self.connect()
        script = "trap 'exit 9' TERM; while :; do sleep 0.1; done"
        self.docker.ok("run", "-d", "--name", "box", "-l", "sockerless.capacity=spot", "busybox", "sh", "-c", script)
        self.docker.ok("exec", "box", "true")
        task = wait_until(lambda: next(iter(self.admin.tasks("RUNNING")), None), "the task")
        self.admin.interrupt(task["id"])
        self.assertEqual(self.docker.ok("wait", "box"), "9")
