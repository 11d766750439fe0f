"""kill -9 of each of the three programs: what the next start finds, and that it leaves nothing."""

import contextlib
import os
import signal

from support.daemon import Sockerlessd
from support.processes import wait_until
from support.system import processes_naming

from e2e.base import EndToEnd, Footprint, shared_registry


def clouds_of(daemon):
    """The processes of local clouds that serve this daemon's state folder."""
    return [
        pid for pid, line in processes_naming(str(daemon.state)).items() if "sockerless-cloud" in line.split(" ")[0]
    ]


class Crash(EndToEnd):
    deadline = 150

    def setUp(self):
        self.footprint = Footprint()
        self.daemon = self.use(Sockerlessd(shared_registry()))
        self.docker = self.cli(self.daemon)

    def run_forever(self, marker):
        """A running container whose command is recognised on the host by its number."""
        self.docker.ok("run", "-d", "--name", "box", "busybox", "sleep", marker)
        wait_until(lambda: processes_naming(f"sleep {marker}"), "the command runs")

    def end_and_check(self, *markers):
        self.assertEqual(self.daemon.terminate(), 0)
        self.footprint.assert_gone(self, self.daemon.folder, *[f"sleep {marker}" for marker in markers])

    def test_of_the_daemon(self):
        self.run_forever("91827362")
        self.docker.ok("create", "--name", "idle", "busybox", "true")
        self.daemon.process.kill()
        self.daemon.start()
        wait_until(lambda: len(clouds_of(self.daemon)) == 1, "one cloud serves the folder")
        self.assertEqual(sorted(self.docker.ok("ps", "-a", "--format", "{{.Names}}").split()), ["box", "idle"])
        self.assertEqual(self.docker("run", "--rm", "busybox", "echo", "works").stdout, "works\n")
        self.docker.ok("rm", "-f", "box", "idle")
        wait_until(lambda: not processes_naming("sleep 91827362"), "the container's command has ended")
        self.end_and_check("91827362")

    def test_of_the_daemon_during_a_start(self):
        starting = [self.docker.start("run", "--rm", "busybox", "sleep", "91827363") for _ in range(3)]
        wait_until(lambda: self.docker("ps", "-aq").stdout.strip(), "a container is being started")
        self.daemon.process.kill()
        for one in starting:
            one.finish()
        self.daemon.start()
        for name in self.docker.ok("ps", "-aq").split():
            self.docker("rm", "-f", name)
        wait_until(lambda: not processes_naming("sleep 91827363"), "no command of these containers runs", 30)
        self.end_and_check("91827363")

    def test_of_the_cloud(self):
        self.run_forever("91827364")
        os.kill(self.daemon.cloud_pid(), signal.SIGKILL)
        self.daemon.terminate()
        self.daemon.start()
        wait_until(lambda: not processes_naming("sleep 91827364"), "the killed cloud's task has been ended", 30)
        self.assertEqual(self.docker("run", "--rm", "busybox", "echo", "works").stdout, "works\n")
        self.docker.ok("rm", "-f", "box")
        self.end_and_check("91827364")

    def test_of_the_cloud_under_a_daemon_that_goes_on(self):
        self.run_forever("91827367")
        cloud, endpoint = self.daemon.cloud_pid(), self.daemon.cloud_endpoint()
        os.kill(cloud, signal.SIGKILL)
        wait_until(lambda: self.daemon.cloud_pid() != cloud, "the daemon starts it again")
        wait_until(lambda: not processes_naming("sleep 91827367"), "the killed cloud's task has been ended", 30)
        wait_until(lambda: self.docker("run", "--rm", "busybox", "echo", "works").stdout == "works\n", "it serves", 30)
        self.assertEqual(self.daemon.cloud_endpoint(), endpoint)
        # Its exit code is not known, and that is said.
        wait_until(
            lambda: self.docker.ok("inspect", "-f", "{{.State.Status}}", "box") == "exited", "the loss is noticed", 30
        )
        self.assertIn(self.docker.ok("inspect", "-f", "{{.State.ExitCode}}", "box"), ("137", "255"))
        self.docker.ok("rm", "-f", "box")
        self.end_and_check("91827367")

    def test_of_the_agent(self):
        self.run_forever("91827365")
        agents = [pid for pid, line in processes_naming("sleep 91827365").items() if "sockerless-agent" in line]
        self.assertEqual(len(agents), 1)
        os.kill(agents[0], signal.SIGKILL)
        code = self.docker("wait", "box", seconds=60).stdout.strip()
        self.assertIn(code, ("137", "255"))
        self.assertEqual(self.docker.ok("inspect", "-f", "{{.State.Status}}", "box"), "exited")
        wait_until(lambda: not processes_naming("sleep 91827365"), "the container's command has ended")
        self.docker.ok("rm", "box")
        self.end_and_check("91827365")

    def test_of_everything_at_once(self):
        self.run_forever("91827366")
        cloud = self.daemon.cloud_pid()
        self.daemon.process.kill()
        with contextlib.suppress(ProcessLookupError):  # it may have ended with its daemon
            os.kill(cloud, signal.SIGKILL)
        self.daemon.start()
        wait_until(lambda: not processes_naming("sleep 91827366"), "the killed cloud's task has been ended", 30)
        self.assertEqual(self.docker("run", "--rm", "busybox", "echo", "works").stdout, "works\n")
        self.docker.ok("rm", "-f", "box")
        self.end_and_check("91827366")
