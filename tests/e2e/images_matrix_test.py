"""The agent in every kind of image: run, exec, cp, top and stats with the docker CLI."""

import json
import os
import tempfile
from pathlib import Path

from support import root_images
from support.daemon import Sockerlessd
from support.registry import Pusher

from e2e.base import EndToEnd, shared_registry


class ImagesMatrix(EndToEnd):
    deadline = 300

    def check(self, image, options=(), program=("sleep", "100000"), say_id=("id", "-u"), user="0", folder="/tmp"):
        """`program` stays, `say_id` prints the user's number, `folder` can be written (None: nothing can)."""
        registry = shared_registry()
        if not isinstance(image, str):
            Pusher(registry.host).push_image("library/matrix", "latest", image)
            image = "matrix"
        daemon = self.use(Sockerlessd(registry))
        docker = self.cli(daemon)
        self.assertEqual(docker.ok("run", "--rm", *options, image, *say_id), user)
        docker.ok("run", "-d", "--name", "box", *options, image, *program)
        self.assertEqual(docker.ok("exec", "box", *say_id), user)
        self.assertEqual(docker("exec", "box", "/nowhere").exit_code, 127)
        self.check_copies(docker, folder)
        self.check_numbers(docker, program)
        docker.ok("stop", "box")
        self.assertEqual(docker.ok("stats", "--no-stream", "--format", "{{.CPUPerc}} {{.PIDs}}", "box"), "0.00% 0")

    def check_copies(self, docker, folder):
        with tempfile.TemporaryDirectory(prefix="sockerless-matrix-") as local:
            sent, back = Path(local) / "file", Path(local) / "back"
            sent.write_bytes(os.urandom(100_000))
            sent.chmod(0o640)
            if folder is None:
                self.assertNotEqual(docker("cp", sent, "box:/file").exit_code, 0)
                return
            docker.ok("cp", sent, f"box:{folder}/file")
            docker.ok("cp", f"box:{folder}/file", back)
            self.assertEqual(back.read_bytes(), sent.read_bytes())

    def check_numbers(self, docker, program):
        titles, *processes = docker.ok("top", "box").splitlines()
        self.assertEqual(titles.split(), ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"])
        self.assertEqual([line.split(None, 7)[7] for line in processes], [" ".join(program)])
        self.assertIn(Path(program[0]).name, docker.ok("top", "box", "-o", "pid,comm").splitlines()[1])
        numbers = json.loads(docker.ok("stats", "--no-stream", "--format", "{{json .}}", "box"))
        self.assertNotEqual(numbers["MemUsage"].split(" / ")[0], "0B")
        self.assertGreater(int(numbers["PIDs"]), 0)

    @classmethod
    def download(cls):
        root_images.make_debian_root()

    def test_busybox_static(self):
        self.check("busybox")

    def test_debian_root_with_glibc(self):
        self.check(root_images.debian_root())

    def test_musl_root(self):
        self.check(root_images.musl_root(), program=("waiter",), say_id=("waiter", "id"))

    def test_scratch_with_one_static_program(self):
        self.check(root_images.scratch(), program=("/waiter",), say_id=("/waiter", "id"), folder="/")

    def test_user_that_is_not_root(self):
        self.check("busybox", options=("-u", "nobody"), user="65534")

    def test_read_only_root(self):
        self.check("busybox", options=("--read-only",), folder=None)

    def test_no_passwd(self):
        self.check(root_images.busybox_without("etc/passwd", "etc/group", "etc/shadow"))

    def test_no_passwd_and_a_number(self):
        self.check(
            root_images.busybox_without("etc/passwd", "etc/group", "etc/shadow"), options=("-u", "1234"), user="1234"
        )

    def test_no_tmp(self):
        self.check(root_images.busybox_without("tmp"), folder="/root")

    def test_no_resolv_conf(self):
        self.check(root_images.busybox_without("etc/resolv.conf", "etc"))
