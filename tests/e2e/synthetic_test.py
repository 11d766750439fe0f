"""Containers without an agent get synthetic answers; containers whose agent has ever connected never do."""

import os
import signal
import tempfile
from pathlib import Path

from support.cloud import SockerlessCloud
from support.daemon import Sockerlessd
from support.processes import descendants, wait_until
from support.raw_http import request
from support.remote_daemon import RemoteSockerlessd

from e2e.base import EndToEnd, shared_registry


class Synthetic(EndToEnd):
    deadline = 180

    def test_without_an_agent(self):
        """The tasks cannot reach the daemon, which gives up on the agent after 60 s."""
        cloud = self.use(SockerlessCloud(shared_registry()))
        nowhere = ["--callback-listen", "127.0.0.1:0", "--callback-url", "http://127.0.0.1:9"]
        daemon = self.use(RemoteSockerlessd(cloud.endpoint, shared_registry(), options=nowhere))
        docker = self.cli(daemon)
        docker.ok("run", "-d", "--name", "mute", "busybox", "sleep", "100000", seconds=150)
        inspected = lambda: request(daemon.address, "GET", "/v1.41/containers/mute/json").json()  # noqa: E731
        wait_until(lambda: inspected().get("SockerlessAgent") == "absent", "the mark", 90, interval=0.5)

        executed = docker("exec", "mute", "cat", "/etc/hosts")
        self.assertEqual((executed.exit_code, executed.stdout, executed.stderr), (0, "", ""))
        self.assertEqual(docker.ok("top", "mute").splitlines()[1].split()[-2:], ["sleep", "100000"])
        numbers = request(daemon.address, "GET", "/v1.41/containers/mute/stats?stream=0&one-shot=1").json()
        self.assertEqual((numbers["sockerless_synthetic"], numbers["memory_stats"]), (True, {}))
        with tempfile.TemporaryDirectory(prefix="sockerless-synthetic-") as folder:
            sent, back = Path(folder) / "sent", Path(folder) / "back"
            sent.write_text("staged")
            docker.ok("cp", sent, "mute:/tmp/file")
            docker.ok("cp", "mute:/tmp/file", back)
            self.assertEqual(back.read_text(), "staged")
            self.assertNotEqual(docker("cp", "mute:/etc/passwd", back).exit_code, 0)
        self.assertEqual(daemon.log().count("container has no agent: exec"), 1)
        docker.ok("rm", "-f", "mute")

    def test_an_agent_that_does_not_answer_is_an_error(self):
        daemon = self.use(Sockerlessd(shared_registry()))
        docker = self.cli(daemon)
        docker.ok("run", "-d", "--name", "box", "busybox", "sleep", "100000")
        running = docker.start("exec", "box", "sh", "-c", "echo up; sleep 1000")
        wait_until(lambda: "up" in running.output(), "the exec runs")
        agent = self.agent_pid(daemon)
        os.kill(agent, signal.SIGSTOP)
        try:
            later = docker.start("exec", "box", "true")
            self.assertNotEqual(running.finish(90).exit_code, 0)
            self.assertNotEqual(later.finish(90).exit_code, 0)
            self.assertNotEqual(docker("top", "box").exit_code, 0)
        finally:
            os.kill(agent, signal.SIGCONT)
        wait_until(lambda: docker("exec", "box", "true").exit_code == 0, "the agent is back", 40, interval=0.5)

    def agent_pid(self, daemon):
        def find():
            for pid in descendants(daemon.cloud_pid()):
                try:
                    if Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"/sockerless/bin/sockerless-agent"):
                        return pid
                except OSError:
                    continue
            return None

        return wait_until(find, "an agent below the local cloud")
