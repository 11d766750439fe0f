"""moto's server from PyPI, a third party's AWS, in a virtual environment of its own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.request
from pathlib import Path

from support.processes import Background, free_port, wait_until

_INSTALL_SECONDS = 240


def moto_program():
    """The path of moto_server: $MOTO_SERVER, or one that is installed now. Skips the test where neither can be had."""
    chosen = os.environ.get("MOTO_SERVER")
    if chosen:
        return chosen, None
    folder = Path(tempfile.mkdtemp(prefix="sockerless-moto-"))
    try:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True, timeout=60)
        install = [folder / "bin" / "pip", "install", "--quiet", "moto[server]"]
        subprocess.run(install, check=True, capture_output=True, timeout=_INSTALL_SECONDS)
    except (subprocess.SubprocessError, OSError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise unittest.SkipTest(f"moto[server] cannot be installed from PyPI: {error}") from error
    return folder / "bin" / "moto_server", folder


class Moto:
    """Serves until `stop`."""

    def __init__(self):
        program, self._environment = moto_program()
        self._logs = Path(tempfile.mkdtemp(prefix="sockerless-moto-log-"))
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self._server = Background([program, "-H", "127.0.0.1", "-p", self.port], self._logs / "log")
        wait_until(self._answers, "moto's first answer", 60)

    def _answers(self):
        try:
            with urllib.request.urlopen(f"{self.endpoint}/moto-api/data.json", timeout=5) as answer:
                return json.load(answer) is not None
        except OSError:
            return False

    def log(self):
        return self._server.output()

    def stop(self):
        self._server.stop(10)
        shutil.rmtree(self._logs, ignore_errors=True)
        if self._environment:
            shutil.rmtree(self._environment, ignore_errors=True)
