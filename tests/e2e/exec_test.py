"""exec with the docker CLI against sockerlessd --local: users, terminals, many at once, and an agent that is killed."""

import os
import pty
import select
import signal
import time
from concurrent.futures import ThreadPoolExecutor

from support.daemon import Sockerlessd
from support.processes import descendants, wait_until
from support.raw_http import hijack, request, stdcopy_frames

from e2e.base import EndToEnd, shared_registry


class Exec(EndToEnd):
    """One daemon for each test, with a container `box` that runs."""

    deadline = 120

    def start_daemon(self, agent="reverse", options=(), user=None, image="busybox"):
        daemon = self.use(Sockerlessd(shared_registry(), agent=agent, options=options))
        docker = self.cli(daemon)
        chosen = ["-u", user] if user else []
        docker.ok("run", "-d", "--name", "box", *chosen, image, "sleep", "100000")
        return daemon, docker

    def exec_by_api(self, daemon, command, **more):
        """The output and the exit code of an exec."""
        body = {"Cmd": command, "AttachStdout": True, "AttachStderr": True, **more}
        exec_id = request(daemon.address, "POST", "/v1.41/containers/box/exec", body, timeout=60).json()["Id"]
        with hijack(daemon.address, f"/v1.41/exec/{exec_id}/start", {"Detach": False, "Tty": False}) as stream:
            output = stdcopy_frames(stream.read_all())
        return output, request(daemon.address, "GET", f"/v1.41/exec/{exec_id}/json").json()["ExitCode"]

    def test_hundred_at_once(self):
        for agent in ("reverse", "forward"):
            with self.subTest(agent=agent):
                daemon, _ = self.start_daemon(agent)
                with ThreadPoolExecutor(100) as pool:
                    results = list(
                        pool.map(
                            lambda n: self.exec_by_api(daemon, ["sh", "-c", f"echo {n}; exit {n}"]),  # noqa: B023
                            range(100),
                        )
                    )
                self.assertEqual(results, [([(1, f"{n}\n".encode())], n) for n in range(100)])

    def test_another_user_needs_an_agent_that_is_root(self):
        _, docker = self.start_daemon(user="nobody")
        self.assertEqual(docker.ok("exec", "box", "id", "-u"), "65534")
        refused = docker("exec", "-u", "root", "box", "id", "-u")
        self.assert_refused(refused, "Error response from daemon", "SOCKERLESS_AGENT_USER=root")

    def test_an_agent_that_is_root_becomes_anybody(self):
        _, docker = self.start_daemon(options=["--agent-user", "root"], user="nobody:nobody")
        of_container = docker.ok("run", "--rm", "-u", "nobody:nobody", "busybox", "id")
        self.assertEqual(docker.ok("exec", "box", "id"), of_container)
        self.assertEqual(docker.ok("exec", "-u", "root", "box", "id", "-u"), "0")
        status = docker.ok("exec", "box", "sh", "-c", "grep -e ^Uid -e ^CapEff /proc/1/status /proc/self/status")
        self.assertIn("/proc/1/status:Uid:\t0", status)
        self.assertIn("/proc/self/status:Uid:\t65534", status)
        self.assertIn("/proc/self/status:CapEff:\t0000000000000000", status)
        self.assertEqual(docker.ok("inspect", "-f", "{{.Config.User}}", "box"), "nobody:nobody")

    def test_images_without_any_program_can_stay_and_be_stopped(self):
        _, docker = self.start_daemon()
        for name, *arguments in (("tail", "-f", "/dev/null"), ("sleep", "infinity")):
            docker.ok("run", "-d", "--name", name, "busybox", f"/nowhere/{name}", *arguments)
            self.assertEqual(docker.ok("exec", name, "echo", "there"), "there")
            docker.ok("stop", name)
            self.assertEqual(docker.ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", name), "exited 0")

    def test_a_command_of_128_kib_is_too_long_and_harms_nobody(self):
        daemon, docker = self.start_daemon()
        refused = self.exec_by_api(daemon, ["echo", "x" * (128 * 1024)])
        self.assertIn(b"argument list too long", refused[0][0][1])
        self.assertEqual(refused[1], 126)
        longest = self.exec_by_api(daemon, ["sh", "-c", "echo ${#0}", "x" * (128 * 1024 - 1)])
        self.assertEqual(longest, ([(1, b"131071\n")], 0))
        self.assertEqual(docker.ok("exec", "box", "echo", "well"), "well")

    def test_ten_thousand_variables(self):
        daemon, _ = self.start_daemon()
        variables = [f"VARIABLE_{number}=value {number}" for number in range(10_000)]
        command = ["sh", "-c", "env | grep -c ^VARIABLE_; echo $VARIABLE_9999"]
        self.assertEqual(self.exec_by_api(daemon, command, Env=variables), ([(1, b"10000\nvalue 9999\n")], 0))

    def test_read_only_root(self):
        _, docker = self.start_daemon()
        docker.ok("run", "-d", "--name", "fixed", "--read-only", "busybox", "sleep", "100000")
        self.assertEqual(docker.ok("exec", "fixed", "echo", "there"), "there")
        self.assertNotEqual(docker("exec", "fixed", "touch", "/file").exit_code, 0)

    def test_interactive_terminal(self):
        daemon, docker = self.start_daemon()
        pid, terminal = pty.fork()
        if pid == 0:
            os.environ.update(DOCKER_HOST=daemon.address)
            os.execvp(docker.program, [docker.program, "exec", "-it", "box", "sh"])
        received = b""
        sent = False
        ends = time.monotonic() + 60
        while time.monotonic() < ends and select.select([terminal], [], [], 60)[0]:
            try:
                received += os.read(terminal, 4096)
            except OSError:
                break
            if b"# " in received and not sent:
                sent = True
                os.write(terminal, b"tty; exit 5\n")
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 5)
        self.assertIn(b"/dev/pts/", received)

    def test_killing_the_container_under_an_exec_is_no_success(self):
        daemon, docker = self.start_daemon()
        running = docker.start("exec", "box", "sh", "-c", "echo up; sleep 1000")
        wait_until(lambda: "up" in running.output(), "the exec runs")
        agent = self.agent_pid(daemon)
        os.kill(agent, signal.SIGKILL)
        self.assertNotEqual(running.finish().exit_code, 0)
        wait_until(lambda: "exited" in docker("inspect", "-f", "{{.State.Status}}", "box").stdout, "it has ended")
        self.assert_refused(docker("exec", "box", "true"), "is not running")

    def agent_pid(self, daemon):
        """The agent's process id on this machine."""

        def find():
            for pid in descendants(daemon.cloud_pid()):
                try:
                    with open(f"/proc/{pid}/cmdline", "rb") as file:
                        if file.read().startswith(b"/sockerless/bin/sockerless-agent"):
                            return pid
                except OSError:
                    continue
            return None

        return wait_until(find, "an agent below the local cloud")
