"""sockerlessd --local: runs in both agent modes, restarts, and what it leaves behind."""

import os
import subprocess

from support.cloud import SockerlessCloud
from support.daemon import Sockerlessd, clean_environment
from support.processes import free_port, wait_until
from support.raw_http import answers, request
from support.remote_daemon import RemoteSockerlessd

from e2e.base import EndToEnd, Footprint, shared_registry
from e2e.crash_points import Ecs


class BothAgentModes(EndToEnd):
    """Each test runs once with the agent calling the daemon, once with the daemon calling the agent."""

    deadline = 180

    def in_both_modes(self, check):
        for mode in ("reverse", "forward"):
            with self.subTest(agent=mode):
                daemon = Sockerlessd(shared_registry(), agent=mode)
                self.services = [daemon]
                try:
                    check(self.cli(daemon), daemon)
                finally:
                    daemon.terminate()
                    self.addCleanup(daemon.stop)

    def test_run_shows_both_outputs_and_the_exit_code(self):
        def check(docker, _):
            result = docker("run", "--rm", "busybox", "sh", "-c", "echo out; echo err >&2; exit 3")
            self.assertEqual((result.exit_code, result.stdout, result.stderr.splitlines()[-1]), (3, "out\n", "err"))

        self.in_both_modes(check)

    def test_run_feeds_standard_input(self):
        def check(docker, _):
            docker.ok("pull", "busybox")
            result = docker("run", "-i", "--rm", "busybox", "wc", "-c", stdin="x" * 500_000)
            self.assertEqual((result.exit_code, result.stdout.strip(), result.stderr), (0, "500000", ""))

        self.in_both_modes(check)

    def test_unknown_command_is_127(self):
        def check(docker, _):
            result = docker("run", "--rm", "busybox", "no-such-command")
            self.assertEqual(result.exit_code, 127)
            self.assertIn("executable file not found in $PATH", result.stderr)

        self.in_both_modes(check)

    def test_signals_reach_the_command(self):
        def check(docker, _):
            docker.ok(
                "run",
                "-d",
                "--name",
                "box",
                "busybox",
                "sh",
                "-c",
                "trap 'echo usr1; exit 11' USR1; echo up; while :; do sleep 0.1; done",
            )
            wait_until(lambda: "up" in docker("logs", "box").stdout, "the command runs")
            docker.ok("kill", "-s", "USR1", "box")
            self.assertEqual(docker.ok("wait", "box"), "11")
            self.assertEqual(docker.ok("logs", "box"), "up\nusr1")

        self.in_both_modes(check)

    def test_ten_containers_at_once(self):
        def check(docker, _):
            docker.ok("pull", "busybox")
            running = [docker.start("run", "--rm", "busybox", "sh", "-c", f"echo {n}; exit {n}") for n in range(10)]
            results = [one.finish() for one in running]
            self.assertEqual(
                [(r.exit_code, r.stdout, r.stderr) for r in results], [(n, f"{n}\n", "") for n in range(10)]
            )

        self.in_both_modes(check)


class Restart(EndToEnd):
    deadline = 120

    def test_records_survive(self):
        daemon = self.use(Sockerlessd(shared_registry()))
        docker = self.cli(daemon)
        docker("run", "--name", "ended", "-l", "k=v", "busybox", "sh", "-c", "echo kept; exit 6")
        docker.ok("create", "--name", "created", "busybox", "echo", "later")
        before = docker.ok("ps", "-a", "--no-trunc", "--format", "{{.ID}} {{.Names}} {{.Command}} {{.Labels}}")
        self.assertEqual(daemon.terminate(), 0)
        daemon.start()
        self.assertEqual(
            docker.ok("ps", "-a", "--no-trunc", "--format", "{{.ID}} {{.Names}} {{.Command}} {{.Labels}}"), before
        )
        self.assertEqual(docker.ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "ended"), "exited 6")
        self.assertEqual(docker.ok("start", "-a", "created"), "later")

    def test_second_daemon_on_the_same_state_is_refused(self):
        daemon = self.use(Sockerlessd(shared_registry()))
        second = [
            word if word != f"unix://{daemon.folder}/s.sock" else f"unix://{daemon.folder}/other.sock"
            for word in map(str, daemon.command())
        ]
        result = subprocess.run(
            second, capture_output=True, text=True, timeout=30, env=clean_environment(), check=False
        )
        self.assertNotEqual(result.returncode, 0)
        self.assertIn(str(daemon.state), result.stderr)
        self.assertTrue(answers(daemon.address))

    def test_second_daemon_on_the_same_socket_is_refused(self):
        daemon = self.use(Sockerlessd(shared_registry()))
        second = [
            word if word != str(daemon.state) else str(daemon.folder / "other-state")
            for word in map(str, daemon.command())
        ]
        result = subprocess.run(
            second, capture_output=True, text=True, timeout=30, env=clean_environment(), check=False
        )
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("s.sock", result.stderr)
        self.assertTrue(answers(daemon.address))

    def test_stale_socket_is_replaced(self):
        daemon = self.use(Sockerlessd(shared_registry()))
        cloud = daemon.cloud_pid()
        daemon.process.kill()
        self.assertTrue(os.path.exists(daemon.folder / "s.sock"))
        daemon.start()
        self.assertTrue(answers(daemon.address))
        self.assertNotEqual(cloud, 0)


class CleanEnd(EndToEnd):
    deadline = 120

    def test_nothing_is_left_after_a_stop(self):
        footprint = Footprint()
        daemon = self.use(Sockerlessd(shared_registry()))
        docker = self.cli(daemon)
        docker.ok("run", "--rm", "busybox", "true")
        docker.ok("run", "-d", "--name", "box", "busybox", "sleep", "91827361")
        docker.ok("rm", "-f", "box")
        self.assertEqual(daemon.terminate(), 0)
        footprint.assert_gone(self, daemon.folder, "91827361")

    def test_terminate_is_quick_and_clean(self):
        daemon = self.use(Sockerlessd(shared_registry()))
        self.cli(daemon).ok("run", "--rm", "busybox", "true")
        self.assertEqual(daemon.terminate(10), 0)
        self.assertFalse(os.path.exists(daemon.folder / "s.sock"))


class Listeners(EndToEnd):
    def test_tcp_beside_the_socket(self):
        port = free_port()
        daemon = self.use(Sockerlessd(shared_registry(), listen=[f"tcp://127.0.0.1:{port}"]))
        self.assertEqual(request(f"tcp://127.0.0.1:{port}", "GET", "/_ping").body, b"OK")
        self.assertEqual(request(daemon.address, "GET", "/_ping").body, b"OK")

    def test_the_agents_listener_does_not_serve_docker(self):
        daemon = self.use(Sockerlessd(shared_registry()))
        reply = request(daemon.address, "GET", "/internal/v1/agent/connect")
        self.assertEqual(reply.status, 404)


class Specification(EndToEnd):
    """Options that bring back what the ECS backend's specification says."""

    def daemon(self, **environment):
        return self.use(Sockerlessd(shared_registry(), environment=environment))

    def test_helpers_are_stopped_but_those_that_wait_for_execs(self):
        docker = self.cli(self.daemon(SOCKERLESS_HELPER_AUTOSTOP="true"))
        docker.ok("run", "-d", "--name", "waits", "busybox", "tail", "-f", "/dev/null")
        docker.ok("run", "-d", "--name", "helper", "busybox", "sleep", "82736451")
        self.assertEqual(docker.ok("wait", "helper"), "0")
        self.assertEqual(docker.ok("exec", "waits", "echo", "up"), "up")

    def test_one_token_for_every_agent(self):
        cloud = self.use(SockerlessCloud(shared_registry()))
        environment = {"SOCKERLESS_AGENT_TOKEN": "test-token"}
        daemon = self.use(RemoteSockerlessd(cloud.endpoint, shared_registry(), environment=environment))
        docker = self.cli(daemon)
        for name in ("one", "two"):
            docker.ok("run", "-d", "--name", name, "busybox", "sleep", "82736452")
            self.assertEqual(docker.ok("exec", name, "echo", "up"), "up")
        definitions = Ecs(daemon.environment_of_aws()).definitions(described=True)
        tokens = [
            variable["value"]
            for definition in definitions
            for variable in definition["containerDefinitions"][0]["environment"]
            if variable["name"] == "SOCKERLESS_AGENT_TOKEN"
        ]
        self.assertEqual(tokens, ["test-token", "test-token"])
        self.assertNotIn("test-token", daemon.log())
