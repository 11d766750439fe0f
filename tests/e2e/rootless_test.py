"""The local cloud without root: refused with the way out, or in state only."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from support.daemon import clean_environment
from support.paths import program

from e2e.base import EndToEnd

NOBODY = 65534


class WithoutRoot(EndToEnd):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="sockerless-rootless-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.folder.chmod(0o777)
        for name in ("sockerless-cloud", "sockerlessd"):
            shutil.copy(program(name), self.folder / name)

    def start(self, name, *words, **options):
        return subprocess.Popen(
            [self.folder / name, *map(str, words)],
            user=NOBODY,
            group=NOBODY,
            extra_groups=[],
            cwd=self.folder,
            env=clean_environment({"HOME": str(self.folder)}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )

    def refusal(self, name, *words):
        process = self.start(name, *words)
        output, error = process.communicate(timeout=30)
        self.assertEqual((process.returncode, output), (1, b""))
        return error.decode()

    def test_is_refused_with_the_way_out(self):
        data = self.folder / "data"
        said = self.refusal("sockerless-cloud", "--data-dir", data, "--listen", "127.0.0.1:0")
        self.assertIn("run it as root", said)
        self.assertIn("--runner=null", said)
        said = self.refusal("sockerless-cloud", "image", "import", "--data-dir", data, "/dev/null", "app")
        self.assertIn("run it as root", said)
        said = self.refusal("sockerlessd", "--local", "--state-dir", self.folder / "state")
        self.assertIn("needs root", said)
        self.assertFalse(data.exists())

    def test_tasks_in_state_only_need_no_root(self):
        reading, writing = os.pipe()
        process = self.start(
            *("sockerless-cloud", "--runner=null", "--listen=127.0.0.1:0", f"--ready-fd={writing}"),
            *("--data-dir", self.folder / "data"),
            pass_fds=(writing,),
        )
        os.close(writing)
        try:
            with open(reading, encoding="utf-8") as ready:
                self.assertIn("endpoint", json.loads(ready.read()))
        finally:
            process.terminate()
            process.communicate(timeout=30)
        self.assertEqual(process.returncode, 0)
