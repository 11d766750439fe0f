"""A container whose daemon has gone for good."""

from support.cloud import SockerlessCloud
from support.processes import wait_until
from support.remote_daemon import RemoteSockerlessd
from support.system import processes_naming

from e2e.base import EndToEnd, shared_registry


class Lease(EndToEnd):
    def test_a_task_that_no_daemon_asks_about_ends(self):
        cloud = self.use(SockerlessCloud(shared_registry()))
        daemon = self.use(RemoteSockerlessd(cloud.endpoint, shared_registry(), options=["--agent-lease", "1s"]))
        self.cli(daemon).ok("run", "-d", "busybox", "sleep", "93827361")
        wait_until(lambda: processes_naming("sleep 93827361"), "the command runs")
        daemon.process.kill()
        wait_until(lambda: not processes_naming("sleep 93827361"), "the lease has ended the command", 30)
