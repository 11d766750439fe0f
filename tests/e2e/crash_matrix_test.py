"""The daemon dies at every durable step (a tenth of them, or all with SOCKERLESS_CRASH_MATRIX=all)."""

import os
import tempfile
import unittest
from pathlib import Path

from support.cloud import SockerlessCloud
from support.remote_daemon import RemoteSockerlessd

from e2e import crash_points
from e2e.base import EndToEnd, shared_registry

LEAST_POINTS = 60


class CrashMatrix(EndToEnd):
    deadline = 3600

    def setUp(self):
        self.cloud = self.use(SockerlessCloud(shared_registry()))

    def daemon(self, **crash):
        environment = {"SOCKERLESS_API_RATE_LIMITS": "false", **crash}
        return RemoteSockerlessd(self.cloud.endpoint, shared_registry(), environment=environment, start=False)

    def points(self):
        """The names of the points that the whole scenario passes, in their order."""
        with tempfile.TemporaryDirectory() as folder:
            trace = Path(folder) / "trace"
            daemon = self.use(self.daemon(SOCKERLESS_CRASH_TRACE=str(trace)))
            daemon.start()
            outcome = crash_points.play(crash_points.Client(daemon.address))
            self.assertEqual(outcome.open_names, set(), "the scenario came to its end")
            daemon.terminate()
            return trace.read_text().splitlines() if trace.exists() else []

    def crash_at(self, number):
        daemon = self.daemon(SOCKERLESS_CRASH_AT=str(number))
        client = crash_points.Client(daemon.address)
        try:
            daemon.launch()
            daemon.wait_until_answering_or_dead()
            outcome = crash_points.play(client)
            daemon.kill()
            daemon.forget_environment("SOCKERLESS_CRASH_AT")
            daemon.start()
            ecs = crash_points.Ecs(daemon.environment_of_aws())
            crash_points.settle(self, client, ecs)
            crash_points.check_promises(self, client, outcome)
            crash_points.remove_everything(self, client, ecs)
        except BaseException:
            print(daemon.log()[-4000:])
            raise
        finally:
            daemon.stop()

    def test_every_point(self):
        points = self.points()
        if not points:
            raise unittest.SkipTest("this build has no crash points (SOCKERLESS_CRASH_POINTS)")
        self.assertGreaterEqual(len(points), LEAST_POINTS, points)
        step = 1 if os.environ.get("SOCKERLESS_CRASH_MATRIX") == "all" else 10
        for number in range(1, len(points) + 1, step):
            with self.subTest(point=number, name=points[number - 1]):
                self.crash_at(number)
