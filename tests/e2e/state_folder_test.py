"""A state folder that is full, read-only, damaged or in use."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from support.cloud import AwsImposter
from support.processes import wait_until
from support.remote_daemon import RemoteSockerlessd

from e2e import crash_points
from e2e.base import EndToEnd


class StateFolder(EndToEnd):
    def setUp(self):
        self.imposter = AwsImposter()
        self.addCleanup(self.imposter.stop)

    def daemon_on(self, state, start=True):
        daemon = RemoteSockerlessd(self.imposter.endpoint, start=False)
        daemon.state = state
        self.use(daemon)
        if start:
            daemon.start()
        return daemon

    def small_disk(self, size):
        folder = Path(tempfile.mkdtemp(prefix="sockerless-disk-"))
        self.addCleanup(shutil.rmtree, folder)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", folder], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", folder], check=True)
        return folder

    def refusal(self, state):
        daemon = self.daemon_on(state, start=False)
        daemon.launch()
        wait_until(lambda: not daemon.process.is_running(), "it has ended")
        return daemon.log()

    def test_a_full_disk_refuses_and_recovers(self):
        disk = self.small_disk("4m")
        daemon = self.daemon_on(disk)
        client = crash_points.Client(daemon.address)
        client("POST", "/images/create?fromImage=busybox&tag=latest")
        body = {"Image": "busybox", "Cmd": ["true"], "Labels": {"big": "x" * 2000}}
        self.assertEqual(client("POST", "/containers/create?name=before", body).status, 201)
        filler = disk / "filler"
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                pass
        replies = [client("POST", "/containers/create", body) for _ in range(300)]
        refused = [reply for reply in replies if reply.status != 201]
        self.assertTrue(refused, "the disk was full")
        for reply in refused:
            self.assertEqual(reply.status, 500)
            self.assertIn("cannot write the state", reply.json()["message"])
        filler.unlink()
        self.assertEqual(client("POST", "/containers/create?name=after", body).status, 201)
        made = len(client.containers())
        self.assertEqual(made, 2 + len(replies) - len(refused))
        daemon.kill()
        daemon.start()
        self.assertEqual(len(client.containers()), made)

    def test_a_read_only_folder(self):
        disk = self.small_disk("1m")
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        said = self.refusal(disk)
        self.assertIn(str(disk), said)
        self.assertIn("--state-dir", said)

    def test_a_damaged_database(self):
        disk = self.small_disk("1m")
        (disk / "state.db").write_bytes(b"nonsense" * 1000)
        said = self.refusal(disk)
        self.assertIn(f"{disk}/state.db", said)
        self.assertIn("adopted", said)

    def test_two_daemons(self):
        disk = self.small_disk("1m")
        self.daemon_on(disk)
        self.assertIn("in use by another sockerlessd", self.refusal(disk))
