"""What keeps forgotten or too many tasks from costing money."""

from support.cloud import SockerlessCloud
from support.daemon import Sockerlessd
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


class Ceiling(EndToEnd):
    def test_a_start_beyond_the_ceiling_is_refused(self):
        daemon = self.use(Sockerlessd(shared_registry(), options=["--max-tasks", "1"]))
        docker = self.cli(daemon)
        docker.ok("run", "-d", "--name", "first", "busybox", "sleep", "1000")
        refused = docker("run", "-d", "--name", "second", "busybox", "true")
        self.assert_refused(refused, "1 containers run already", "SOCKERLESS_MAX_TASKS")
        self.assertEqual(docker.ok("inspect", "-f", "{{.State.Status}}", "second"), "created")
        docker.ok("rm", "-f", "first")
        docker.ok("start", "second")
        self.assertEqual(docker.ok("wait", "second"), "0")
