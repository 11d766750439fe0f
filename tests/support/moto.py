"""moto's server from PyPI, a third party's AWS."""

import json
import shutil
import tempfile
import urllib.request
from pathlib import Path

from support import python_environment
from support.processes import Background, free_port, wait_until


class Moto:
    """Serves until `stop`."""

    def __init__(self):
        self._logs = Path(tempfile.mkdtemp(prefix="sockerless-moto-log-"))
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        command = [python_environment.program("moto_server"), "-H", "127.0.0.1", "-p", self.port]
        self._server = Background(command, self._logs / "log")
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
