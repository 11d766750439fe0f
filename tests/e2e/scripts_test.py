"""scripts/run and scripts/stop, with programs that have been built already."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from support import system
from support.daemon import clean_environment
from support.docker_cli import DockerCli
from support.paths import REPOSITORY, program_folder

from e2e.base import EndToEnd, Footprint


class RunAndStop(EndToEnd):
    deadline = 150

    def setUp(self):
        self.footprint = Footprint()
        self.folder = Path(tempfile.mkdtemp(prefix="sockerless-demo-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.addCleanup(system.unmount_under, self.folder)
        self.addCleanup(self.script, "stop")

    def script(self, name, *options):
        """Runs a script to its end; returns what it printed on both outputs together."""
        environment = clean_environment(
            {"SOCKERLESS_DEMO_DIR": str(self.folder), "SOCKERLESS_BIN_DIR": str(program_folder())}
        )
        result = subprocess.run(
            [REPOSITORY / "scripts" / name, *options],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=100,
            check=False,
        )
        self.assertEqual(result.returncode, 0, result.stdout)
        return result.stdout

    def test_run_twice_and_stop_twice(self):
        first = self.script("run")
        self.assertRegex(first, r"(?m)^Hello from a container")
        self.assertRegex(first, r"http://127\.0\.0\.1:\d+")
        host = re.search(r"(?m)^DOCKER_HOST=(\S+)$", first)[1]
        docker = DockerCli(host)
        self.addCleanup(docker.close)
        self.assertEqual(docker("run", "--rm", "busybox", "echo", "by hand").stdout, "by hand\n")

        second = self.script("run")
        self.assertIn("already running", second)
        self.assertIn(f"DOCKER_HOST={host}", second)

        self.assertIn("stopping sockerlessd", self.script("stop"))
        self.assertIn("nothing was running", self.script("stop"))
        self.footprint.assert_gone(self, self.folder)

    def test_run_after_a_crash(self):
        self.script("run")
        os.kill(int((self.folder / "sockerlessd.pid").read_text()), signal.SIGKILL)
        again = self.script("run")
        self.assertNotIn("already running", again)
        self.assertRegex(again, r"(?m)^Hello from a container")
        self.script("stop", "--purge")
        self.assertFalse(self.folder.exists())
        self.footprint.assert_gone(self, self.folder)
