"""A daemon that is ended, killed or robbed of its memory while its tasks go on: nothing is lost, nothing leaks."""

import shutil
import subprocess

from support.cloud import SockerlessCloud
from support.daemon import clean_environment
from support.paths import program
from support.processes import free_port, wait_until
from support.raw_http import answers, request
from support.remote_daemon import RemoteSockerlessd, callback_options
from support.system import processes_naming

from e2e.base import EndToEnd, Footprint, shared_registry

INSTANCE = "restart-test"


class Restart(EndToEnd):
    deadline = 120

    def setUp(self):
        self.footprint = Footprint()
        self.cloud = self.use(SockerlessCloud(shared_registry()))
        self.daemon = self.use(
            RemoteSockerlessd(
                self.cloud.endpoint,
                shared_registry(),
                environment={"SOCKERLESS_INSTANCE": INSTANCE},
                options=self.agent_options(),
            )
        )
        self.docker = self.cli(self.daemon)

    def agent_options(self):
        return []  # the daemon dials

    def gc(self, *options):
        environment = clean_environment(self.daemon.environment_of_aws())
        command = [program("sockerlessd"), "gc", "--state-dir", self.daemon.state, *options]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    def run_forever(self, marker, name="box", *options):
        self.docker.ok("run", "-d", "--name", name, *options, "busybox", "sleep", marker)
        wait_until(lambda: processes_naming(f"sleep {marker}"), "the command runs")

    def assert_status(self, name, status):
        self.assertEqual(self.docker.ok("inspect", "-f", "{{.State.Status}}", name), status)

    def test_sigterm_leaves_tasks_running(self):
        self.run_forever("92827361")
        before = self.docker.ok("inspect", "-f", "{{.Id}} {{.State.StartedAt}} {{.Config.Image}}", "box")
        self.assertEqual(self.daemon.terminate(), 0)
        self.assertTrue(processes_naming("sleep 92827361"))
        self.daemon.start()
        self.assert_status("box", "running")
        self.assertEqual(
            self.docker.ok("inspect", "-f", "{{.Id}} {{.State.StartedAt}} {{.Config.Image}}", "box"), before
        )
        self.docker.ok("kill", "box")
        self.assertEqual(self.docker.ok("wait", "box"), "137")

    def test_execs_are_known_after_a_crash(self):
        self.run_forever("92827365")
        body = {"Cmd": ["echo", "started later"], "AttachStdout": True}
        created = request(self.daemon.address, "POST", "/containers/box/exec", body).json()["Id"]
        body = {"Cmd": ["sleep", "92827366"]}
        running = request(self.daemon.address, "POST", "/containers/box/exec", body).json()["Id"]
        request(self.daemon.address, "POST", f"/exec/{running}/start", {"Detach": True})
        self.daemon.process.kill()
        self.daemon.start()
        answer = request(self.daemon.address, "POST", f"/exec/{created}/start", {"Detach": False}, timeout=60)
        self.assertEqual(answer.body[8:], b"started later\n")
        inspected = request(self.daemon.address, "GET", f"/exec/{running}/json").json()
        self.assertEqual((inspected["Running"], inspected["ExitCode"]), (False, 255))
        self.assertEqual(inspected["ProcessConfig"]["arguments"], ["92827366"])

    def test_kill_9_leaves_tasks_running(self):
        self.run_forever("92827362")
        self.daemon.process.kill()
        self.daemon.start()
        waiting = self.docker.start("wait", "box")
        self.docker.ok("stop", "box")
        self.assertEqual(waiting.finish().stdout.strip(), "0")

    def test_an_exit_while_the_daemon_was_away_keeps_its_code(self):
        self.docker.ok("run", "-d", "--name", "box", "busybox", "sh", "-c", "echo before; sleep 2; echo after; exit 7")
        self.daemon.process.kill()
        self.daemon.start()
        self.assertEqual(self.docker.ok("wait", "box"), "7")
        self.assertEqual(self.docker.ok("logs", "box"), "before\nafter")

    def test_an_exec_under_way_ends_with_an_error_and_new_ones_work_at_once(self):
        self.run_forever("92827365")
        running = self.docker.start("exec", "box", "sh", "-c", "echo up; sleep 92827366")
        wait_until(lambda: "up" in running.output(), "the exec runs")
        self.assertEqual(self.daemon.terminate(), 0)
        ended = running.finish(20)
        self.assertNotEqual(ended.exit_code, 0)
        self.assertIn("the daemon is shutting down", ended.stderr)
        self.daemon.start()
        self.assertEqual(self.docker.ok("exec", "box", "echo", "well"), "well")

    def test_a_killed_daemon_leaves_no_exec_that_seems_to_have_succeeded(self):
        self.run_forever("92827367")
        running = self.docker.start("exec", "box", "sh", "-c", "echo up; sleep 92827368")
        wait_until(lambda: "up" in running.output(), "the exec runs")
        self.daemon.process.kill()
        self.assertNotEqual(running.finish(20).exit_code, 0)
        self.daemon.start()
        self.assertEqual(self.docker.ok("exec", "box", "echo", "well"), "well")

    def test_published_ports_are_served_again(self):
        number = free_port()
        script = "mkdir /www; echo hello >/www/index.html; httpd -f -p 80 -h /www"
        self.docker.ok("run", "-d", "--name", "web", "-p", f"127.0.0.1:{number}:80", "busybox", "sh", "-c", script)
        self.daemon.process.kill()
        self.daemon.start()
        address = f"http://127.0.0.1:{number}"
        wait_until(lambda: answers(address, "/index.html"), "the port is served")

    def test_a_lost_memory_is_rebuilt_from_ecs(self):
        self.run_forever("92827363", "box", "-e", "A=b", "-l", "com.example=yes", "-w", "/tmp")
        before = self.docker.ok("inspect", "-f", "{{.Id}}", "box")
        self.daemon.process.kill()
        for file in self.daemon.state.glob("state.db*"):
            file.unlink()
        self.daemon.start()
        wait_until(lambda: self.docker("inspect", "box").exit_code == 0, "the container is adopted", 20)
        fields = '{{.Id}} {{.State.Status}} {{index .Config.Labels "com.example"}} {{.Config.WorkingDir}}'
        shown = self.docker.ok("inspect", "-f", fields, "box")
        self.assertEqual(shown, f"{before} running yes /tmp")
        self.assertIn("A=b", self.docker.ok("inspect", "-f", "{{.Config.Env}}", "box"))
        self.docker.ok("rm", "-f", "box")
        wait_until(lambda: not processes_naming("sleep 92827363"), "the task has been stopped", 30)

    def test_gc_ends_what_nobody_remembers(self):
        self.run_forever("92827364")
        self.docker.ok("create", "--name", "idle", "busybox", "true")
        refused = self.gc("--dry-run", "--older-than", "0s")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("in use by another sockerlessd", refused.stderr)
        self.daemon.terminate()
        kept = self.gc("--older-than", "0s")
        self.assertEqual((kept.returncode, kept.stdout), (0, "0 ended, 0 failed\n"), kept.stderr)
        shutil.rmtree(self.daemon.state)
        self.assertIn("another instance", self.others_are_left_alone())
        would = self.gc("--dry-run", "--older-than", "0s")
        self.assertEqual(would.returncode, 0, would.stderr)
        self.assertEqual(would.stdout.count("would end task arn"), 1, would.stdout)
        self.assertEqual(would.stdout.count("would end task definition "), 2, would.stdout)
        self.assertIn("dry run: 0 ended", would.stdout)
        self.assertTrue(processes_naming("sleep 92827364"))
        done = self.gc("--older-than", "0s")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("3 ended, 0 failed", done.stdout)
        wait_until(lambda: not processes_naming("sleep 92827364"), "the task has been stopped", 30)

    def others_are_left_alone(self):
        result = self.gc("--older-than", "0s", "--instance", "somebody-else")
        self.assertEqual((result.returncode, result.stdout), (0, "0 ended, 0 failed\n"), result.stderr)
        return "another instance is left alone"


class RestartUnderAgentsThatDial(Restart):
    """All of it again in reverse: the agents look for the daemon until it is back."""

    def agent_options(self):
        return callback_options(self.cloud)


class BadMoment(EndToEnd):
    def test_a_daemon_starts_though_aws_fails_for_a_moment(self):
        cloud = self.use(SockerlessCloud(shared_registry(), options=["--admin", "127.0.0.1:0"]))
        failing = {"operation": "CreateLogGroup", "code": "ServiceUnavailableException", "message": "busy"}
        cloud.admin.change(errors=[{**failing, "status": 503, "rate": 1, "count": 4}])
        daemon = self.use(RemoteSockerlessd(cloud.endpoint, shared_registry()))
        self.assertEqual(self.cli(daemon).ok("run", "--rm", "busybox", "echo", "up"), "up")
