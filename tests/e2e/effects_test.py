"""What calls of the API that are done in another way than Docker's do to running containers."""

from support.daemon import Sockerlessd

from e2e.base import EndToEnd, shared_registry


class Effects(EndToEnd):
    def setUp(self):
        self.docker = self.cli(self.use(Sockerlessd(shared_registry())))

    def memory_limit(self):
        return self.docker.ok("stats", "--no-stream", "--format", "{{.MemUsage}}", "box").split(" / ")[1]

    def test_new_limits_are_those_of_the_next_start(self):
        self.docker.ok("run", "-d", "--name", "box", "--memory", "512m", "busybox", "sleep", "1000")
        self.assertEqual(self.memory_limit(), "512MiB")
        updated = self.docker("update", "--memory", "1g", "--memory-swap", "1g", "box")
        self.assertIn("the new limits take effect with the next start", updated.stdout + updated.stderr)
        self.assertEqual(self.memory_limit(), "512MiB")
        self.docker.ok("restart", "box")
        self.assertEqual(self.memory_limit(), "1GiB")

    def test_a_volume_is_a_folder_of_its_task(self):
        self.docker.ok("volume", "create", "data")
        self.docker.ok("run", "-d", "--name", "box", "-v", "data:/data", "busybox", "sleep", "1000")
        self.assertEqual(self.docker.ok("exec", "box", "sh", "-c", "echo kept >/data/file; cat /data/file"), "kept")
        self.assertEqual(self.docker.ok("exec", "box", "grep", "-c", " /data ", "/proc/mounts"), "1")
        other = self.docker("run", "--rm", "-v", "data:/data", "busybox", "ls", "-A", "/data")
        self.assertEqual((other.exit_code, other.stdout), (0, ""))
        self.assertIn("does not share volume data", other.stderr)
