"""Every line of a container's log once and in order, whatever the lag of the log and the errors on the way.

SOCKERLESS_LOG_LINES sets how many lines there are; a full run has 1,000,000.
"""

import os
import threading
import time

from day.weather import Weather
from support.cloud import SockerlessCloud
from support.raw_http import request, stdcopy_frames
from support.remote_daemon import RemoteSockerlessd

from e2e.base import EndToEnd, shared_registry

LINES = int(os.environ.get("SOCKERLESS_LOG_LINES", "30000"))
SECONDS = 120 + LINES // 1000  # for one reading
REFUSED = {"operation": "GetLogEvents", "code": "ThrottlingException", "message": "Rate exceeded", "rate": 0.3}


class LogLines(EndToEnd):
    deadline = 60 + 2 * SECONDS

    def test_none_is_lost_or_doubled(self):
        """Read while they come and afterwards; thousands share a time stamp, the lag changes between 0 and 5 s."""
        cloud = self.use(SockerlessCloud(shared_registry(), ["--admin", "127.0.0.1:0"]))
        daemon = self.use(RemoteSockerlessd(cloud.endpoint, shared_registry()))
        self.address = daemon.address
        docker = self.cli(daemon)
        docker.ok("create", "--name", "box", "--cpus", "1", "busybox", "sh", "-c", f"sleep 1; seq 1 {LINES}")
        cloud.admin.change(errors=[REFUSED], serverErrors={"rate": 0.05}, logLagMs=2500)
        weather = Weather(cloud.admin, seed=5, pause=(0.2, 1.0))
        followed = []
        follower = threading.Thread(target=lambda: followed.append(self.read("&follow=1")))
        try:
            follower.start()
            self.start_until_accepted()
            follower.join()
            again = self.read("")
        finally:
            weather.stop()
        for lines, seconds, way in (*followed, again):
            print(f"    {len(lines)} lines by docker logs{way} in {seconds:.1f} s", flush=True)
            self.assertEqual(lines, [b"%d" % number for number in range(1, LINES + 1)], way)
        self.assertEqual(len(followed), 1)

    def start_until_accepted(self):
        """Server errors may refuse a start, too; they say so."""
        reply = None
        while reply is None or reply.status == 503:
            reply = request(self.address, "POST", "/v1.44/containers/box/start", timeout=60)
        self.assertEqual(reply.status, 204, reply.text())

    def read(self, more):
        begun = time.monotonic()
        path = f"/v1.44/containers/box/logs?stdout=1&stderr=1{more}"
        reply = request(self.address, "GET", path, timeout=SECONDS)
        lines = [line for _, payload in stdcopy_frames(reply.body) for line in payload.splitlines()]
        return lines, time.monotonic() - begun, " -f" if more else ""
