"""docker cp against sockerlessd --local: large and sparse files, a full disk, containers that do not run, agents that
are lost."""

import contextlib
import io
import os
import signal
import subprocess
import tarfile
import tempfile
import time
from pathlib import Path

from support.daemon import Sockerlessd
from support.processes import descendants, wait_until
from support.raw_http import request

from e2e.base import EndToEnd, shared_registry

MEBIBYTE = 1024 * 1024


class Copy(EndToEnd):
    """One daemon for each test."""

    deadline = 120

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sockerless-copy-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def start_daemon(self, **options):
        daemon = self.use(Sockerlessd(shared_registry(), **options))
        return daemon, self.cli(daemon)

    def sparse_tar(self, size):
        """A tar of a file of that size, which holds a few bytes at its end."""
        with (self.folder / "sparse").open("wb") as file:
            file.seek(size - 4)
            file.write(b"tail")
        return subprocess.run(
            ["tar", "-cS", "--format=pax", "-C", str(self.folder), "sparse"], check=True, capture_output=True
        ).stdout

    def copy_out(self, daemon):
        """A running docker cp of the sparse file."""
        command = ["docker", "-H", daemon.address, "cp", "box:/tmp/sparse", "-"]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def put(self, daemon, name, path, body):
        return request(daemon.address, "PUT", f"/containers/{name}/archive?path={path}", body, timeout=60)

    def test_a_sparse_file_above_four_gibibytes_stays_sparse(self):
        for agent in ("reverse", "forward"):
            with self.subTest(agent=agent):
                daemon, docker = self.start_daemon(agent=agent)
                docker.ok("run", "-d", "--name", "box", "busybox", "sleep", "1000")
                self.assertEqual(self.put(daemon, "box", "/tmp", self.sparse_tar(5 * 1024 * MEBIBYTE)).status, 200)
                size, blocks = docker.ok("exec", "box", "stat", "-c", "%s %b", "/tmp/sparse").split()
                self.assertEqual(int(size), 5 * 1024 * MEBIBYTE)
                self.assertLess(int(blocks) * 512, MEBIBYTE)
                self.assertEqual(docker.ok("exec", "box", "tail", "-c", "4", "/tmp/sparse"), "tail")

    def test_a_full_disk_is_told_with_the_path_and_leaves_no_part(self):
        daemon, docker = self.start_daemon()
        docker.ok("run", "-d", "--name", "box", "busybox", "sleep", "1000")
        (self.folder / "large").write_bytes(os.urandom(80 * MEBIBYTE))
        refused = docker("cp", self.folder / "large", "box:/dev/shm")
        self.assert_refused(refused, "write /dev/shm/large: no space left on device")
        self.assertEqual(docker.ok("exec", "box", "ls", "/dev/shm"), "")
        self.assertEqual(docker.ok("exec", "box", "echo", "well"), "well")

    def test_a_tar_that_is_cut_off_leaves_no_part_of_its_last_file(self):
        daemon, docker = self.start_daemon()
        docker.ok("run", "-d", "--name", "box", "busybox", "sleep", "1000")
        content = io.BytesIO()
        with tarfile.open(fileobj=content, mode="w") as tar:
            for name in ("whole", "partial"):
                member = tarfile.TarInfo(name)
                member.size = 100_000
                tar.addfile(member, io.BytesIO(b"x" * member.size))
        reply = self.put(daemon, "box", "/tmp", content.getvalue()[:150_000])
        self.assertEqual((reply.status, reply.json()["message"]), (500, "unexpected EOF"))
        self.assertEqual(docker.ok("exec", "box", "ls", "/tmp"), "whole")

    def test_an_exec_does_not_wait_for_a_copy(self):
        daemon, docker = self.start_daemon()
        docker.ok("run", "-d", "--name", "box", "busybox", "sleep", "1000")
        tar = self.sparse_tar(3000 * 1024 * MEBIBYTE)
        self.put(daemon, "box", "/tmp", tar)
        out = self.copy_out(daemon)
        try:
            self.assertTrue(out.stdout.read(MEBIBYTE))
            begun = time.monotonic()
            self.assertEqual(docker.ok("exec", "box", "echo", "well"), "well")
            self.assertLess(time.monotonic() - begun, 10)
            self.assertIsNone(out.poll())
        finally:
            out.kill()
            out.communicate()
        # The client's leave ends the work in the task.
        wait_until(lambda: len(docker.ok("exec", "box", "ps").splitlines()) <= 4, "the copy has ended", 20)

    def test_what_is_staged_outlives_the_daemon_and_comes_with_every_start(self):
        daemon, docker = self.start_daemon()
        docker.ok("create", "--name", "box", "busybox", "sh", "-c", "cat /srv/app/hello; rm /srv/app/hello")
        (self.folder / "hello").write_text("hello\n")
        docker.ok("cp", f"{self.folder}/.", "box:/srv/app")
        daemon.terminate()
        daemon.start()
        self.assertEqual(docker.ok("start", "-a", "box"), "hello")
        self.assertEqual(docker.ok("start", "-a", "box"), "hello")
        docker.ok("cp", "box:/srv/app/hello", self.folder / "back")
        self.assertEqual((self.folder / "back").read_text(), "hello\n")
        self.assert_refused(docker("cp", "box:/etc/passwd", "-"), "/etc/passwd is none of them", "does not run")
        docker.ok("rm", "box")
        staged = [path for path in Path(daemon.folder).rglob("staging/*/*.tar")]
        self.assertEqual(staged, [])

    def test_a_start_that_cannot_take_its_files_says_why(self):
        _, docker = self.start_daemon()
        docker.ok("create", "--name", "box", "busybox", "sleep", "1000")
        (self.folder / "hello").write_text("hello\n")
        docker.ok("cp", self.folder / "hello", "box:/etc/passwd/hello")
        self.assert_refused(docker("start", "box"), "copied to /etc/passwd before the start", "not a directory")
        self.assertEqual(docker.ok("inspect", "-f", "{{.State.Status}}", "box"), "created")

    def test_an_agent_that_is_root_gives_files_their_owners(self):
        _, docker = self.start_daemon(options=["--agent-user", "root"])
        docker.ok("run", "-d", "--name", "box", "-u", "nobody", "busybox", "sleep", "1000")
        (self.folder / "file").write_text("x")
        os.chown(self.folder / "file", 12, 34)
        docker.ok("cp", self.folder / "file", "box:/tmp/plain")
        docker.ok("cp", "-a", self.folder / "file", "box:/tmp/archive")
        owners = docker.ok("exec", "box", "stat", "-c", "%u:%g", "/tmp/plain", "/tmp/archive").split()
        self.assertEqual(owners, ["12:34", "65534:65534"])

    def test_an_agent_that_is_not_root_says_what_would_help(self):
        _, docker = self.start_daemon()
        docker.ok("run", "-d", "--name", "box", "-u", "nobody", "busybox", "sleep", "1000")
        (self.folder / "file").write_text("x")
        docker.ok("cp", self.folder / "file", "box:/tmp/file")
        refused = docker("cp", self.folder / "file", "box:/etc/file")
        self.assert_refused(refused, "/etc/file: permission denied", "SOCKERLESS_AGENT_USER=root")

    def test_an_agent_that_is_killed_ends_the_copy_with_an_error(self):
        daemon, docker = self.start_daemon()
        docker.ok("run", "-d", "--name", "box", "busybox", "sleep", "1000")
        self.put(daemon, "box", "/tmp", self.sparse_tar(3000 * 1024 * MEBIBYTE))
        out = self.copy_out(daemon)
        self.assertTrue(out.stdout.read(MEBIBYTE))
        for pid in agents_of(daemon):
            with contextlib.suppress(ProcessLookupError):  # the agent's own child that was just ending
                os.kill(pid, signal.SIGKILL)
        _, errors = out.communicate(timeout=60)
        self.assertNotEqual(out.returncode, 0, errors)
        wait_until(lambda: request(daemon.address, "GET", "/_ping").status == 200, "the daemon answers", 10)


def agents_of(daemon):
    """The agents of the daemon's tasks, as processes of this machine."""
    found = []
    for pid in descendants(daemon.pid):
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if command.startswith(b"/sockerless/bin/sockerless-agent"):
            found.append(pid)
    return found
