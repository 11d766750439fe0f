"""Our own daemon with its local cloud, in a temporary folder."""

import os
import shutil
import tempfile
from pathlib import Path

from support import system
from support.paths import program
from support.processes import Background, descendants, wait_until
from support.raw_http import answers, request


class Sockerlessd:
    """`sockerlessd --local`: serves from `start` (called by the constructor) until `stop`; may be started again."""

    kind = "sockerlessd"

    def __init__(self, registry=None, agent="reverse", listen=(), options=(), environment=None, start=True):
        self.folder = Path(tempfile.mkdtemp(prefix="sockerless-daemon-"))
        self.state = self.folder / "state"
        self.address = f"unix://{self.folder}/s.sock"
        self._listen = [self.address, *listen]
        self._registry = registry
        self._agent = agent
        self._options = list(options)
        self._environment = clean_environment(environment)
        self._server = None
        if start:
            try:
                self.start()
            except BaseException:
                self.stop()
                raise

    @property
    def pid(self):
        return self._server.pid

    @property
    def process(self):
        return self._server

    def start(self, seconds=30.0):
        self.launch()
        self._server.wait_ready(lambda: answers(self.address), "sockerlessd's first answer", seconds)
        return self

    def launch(self):
        """Starts the program and waits for nothing."""
        self._server = Background(self.command(), self.folder / "log", self._environment)

    def command(self):
        command = [
            program("sockerlessd"),
            "--local",
            "--local-agent",
            self._agent,
            "--listen",
            ",".join(self._listen),
            "--state-dir",
            self.state,
        ]
        if self._registry:
            command += ["--registry-mirror", f"docker.io={self._registry.url}"]
        return command + self._options

    def log(self):
        return self._server.output() if self._server else ""

    def cloud_endpoint(self):
        """The address of the local cloud, as the daemon has written it down."""
        file = self.state / "cloud-endpoint"
        return wait_until(lambda: file.exists() and file.read_text().strip(), "the local cloud's endpoint")

    def cloud_pid(self):
        """The process id of the local cloud that this daemon has started."""

        def find():
            for pid in descendants(self._server.pid):
                try:
                    if os.path.basename(os.readlink(f"/proc/{pid}/exe")) == "sockerless-cloud":
                        return pid
                except OSError:
                    continue
            return None

        return wait_until(find, "a sockerless-cloud below the daemon")

    def wait_until_answering_or_dead(self):
        wait_until(lambda: answers(self.address) or not self._server.is_running(), "a first answer, or the end")

    def kill(self):
        self._server.kill()

    def remove_containers(self):
        listed = request(self.address, "GET", "/v1.41/containers/json?all=1").json()
        for container in listed:
            request(self.address, "DELETE", f"/v1.41/containers/{container['Id']}?force=1&v=1", timeout=60)

    def terminate(self, seconds=30.0):
        """Ends the daemon in the ordinary way and keeps its state. Returns its exit status."""
        return self._server.stop(seconds)

    def stop(self):
        if self._server:
            if self._server.is_running():
                try:
                    self.remove_containers()
                except (OSError, ValueError):
                    pass  # it does not answer any more; it is ended below
            self._server.stop(30)
            self._server = None
        system.unmount_under(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)


def clean_environment(additions=None):
    """The environment of this process without options and credentials that could change what a program does."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SOCKERLESS_", "AWS_", "DOCKER_")) and "proxy" not in name.lower()
    }
    kept["PATH"] = kept.get("PATH", "") + ":/usr/sbin:/sbin"
    return {**kept, **(additions or {})}
