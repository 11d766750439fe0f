"""What becomes of files and folders of the daemon's host that containers bind, under each SOCKERLESS_BINDS."""

import os
import tempfile
from pathlib import Path

from support.daemon import Sockerlessd

from e2e.base import EndToEnd, shared_registry


class Binds(EndToEnd):
    deadline = 120

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sockerless-binds-")
        self.addCleanup(folder.cleanup)
        self.source = Path(folder.name) / "source"
        (self.source / "sub").mkdir(parents=True)
        (self.source / "greeting").write_text("hello from the host\n")
        (self.source / "sub" / "tool").write_text("#!/bin/sh\necho the tool runs\n")
        (self.source / "sub" / "tool").chmod(0o755)
        (self.source / "link").symlink_to("sub/tool")

    def start_daemon(self, policy, *options, **settings):
        daemon = self.use(Sockerlessd(shared_registry(), options=["--binds", policy, *options], **settings))
        return daemon, self.cli(daemon)

    def test_copy_puts_a_folder_and_a_file_there_before_the_command(self):
        for agent in ("reverse", "forward"):
            with self.subTest(agent=agent):
                _, docker = self.start_daemon("copy", agent=agent)
                mounts = ("-v", f"{self.source}:/bound", "-v", f"{self.source}/greeting:/etc/app/greeting.txt:ro")
                command = "cat /bound/greeting /etc/app/greeting.txt; /bound/sub/tool; /bound/link; stat -c %a /bound"
                result = docker("run", "--rm", *mounts, "busybox", "sh", "-c", command)
                mode = f"{self.source.stat().st_mode & 0o777:o}"
                self.assertEqual(
                    (result.exit_code, result.stdout.split("\n")),
                    (0, [*["hello from the host"] * 2, *["the tool runs"] * 2, mode, ""]),
                )
                self.assertIn(f"/bound is a copy of {self.source}, made at every start", result.stderr)

    def test_a_copy_is_made_anew_at_every_start_and_nothing_comes_back(self):
        daemon, docker = self.start_daemon("copy")
        command = "cat /bound/greeting; echo changed >/bound/greeting"
        docker.ok("create", "--name", "box", "-v", f"{self.source}:/bound", "busybox", "sh", "-c", command)
        self.assertEqual(docker.ok("start", "-a", "box"), "hello from the host")
        self.assertEqual((self.source / "greeting").read_text(), "hello from the host\n")
        (self.source / "greeting").write_text("a later greeting\n")
        daemon.terminate()
        daemon.start()
        self.assertEqual(docker.ok("start", "-a", "box"), "a later greeting")

    def test_a_bind_hides_what_a_built_image_has_there(self):
        _, docker = self.start_daemon("copy")
        (self.source / "Dockerfile").write_text("FROM busybox\nCOPY . /bound\n")
        docker.ok("build", "-t", "built", self.source, environment={"DOCKER_BUILDKIT": "0"})
        (self.source / "greeting").write_text("edited after the build\n")
        self.assertEqual(
            docker.ok("run", "--rm", "-v", f"{self.source}:/bound", "built", "cat", "/bound/greeting"),
            "edited after the build",
        )

    def test_more_than_the_limit_is_refused_at_the_start(self):
        _, docker = self.start_daemon("copy", "--staging-limit", "1")
        (self.source / "large").write_bytes(os.urandom(2 * 1024 * 1024))
        refused = docker("run", "--name", "box", "-v", f"{self.source}:/bound", "busybox", "true")
        self.assert_refused(refused, f"{self.source} cannot be copied to /bound", "--staging-limit")
        self.assertEqual(docker.ok("inspect", "-f", "{{.State.Status}}", "box"), "created")

    def test_empty_is_an_empty_folder_and_says_so(self):
        _, docker = self.start_daemon("empty")
        result = docker("run", "--rm", "-v", f"{self.source}:/bound", "busybox", "ls", "-A", "/bound")
        self.assertEqual((result.exit_code, result.stdout), (0, ""))
        self.assertIn(f"/bound is an empty folder in the container: {self.source} of this host", result.stderr)

    def test_refuse_is_an_error_with_the_remedy(self):
        _, docker = self.start_daemon("refuse")
        refused = docker("run", "--name", "box", "-v", f"{self.source}:/bound", "busybox", "true")
        self.assert_refused(refused, f"{self.source} cannot be bound to /bound", "docker cp", "SOCKERLESS_BINDS=copy")
        self.assertEqual(docker.ok("ps", "-aq"), "")
