"""A real Docker engine that touches nothing outside a temporary folder and a bridge of its own."""

import os
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

from support import system
from support.paths import system_program
from support.processes import Background, free_port
from support.raw_http import answers, request

_subnets = threading.Lock()


class Dockerd:
    """Serves from the constructor's end until `stop`. Pulls from the given registry; never reaches beyond loopback."""

    kind = "dockerd"

    def __init__(self, registry, tcp=False):
        self.folder = Path(tempfile.mkdtemp(prefix="sockerless-dockerd-"))
        self.address = f"unix://{self.folder}/docker.sock"
        self.tcp_address = f"tcp://127.0.0.1:{free_port()}" if tcp else None
        self._bridge = None
        self._server = None
        try:
            self._make_bridge()
            self._server = Background(self._command(registry), self.folder / "log", self._environment())
            self._server.wait_ready(lambda: answers(self.address), "dockerd's first answer", 60)
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self):
        return self._server.pid

    def major_version(self):
        return int(request(self.address, "GET", "/version").json()["Version"].split(".")[0])

    def log(self):
        return self._server.output() if self._server else ""

    def remove_containers(self):
        """Forced removal of every container, several at once."""
        listed = request(self.address, "GET", "/v1.41/containers/json?all=1").json()
        for container in listed:
            request(self.address, "DELETE", f"/v1.41/containers/{container['Id']}?force=1&v=1", timeout=60)

    def stop(self):
        if self._server:
            if self._server.is_running():
                try:
                    self.remove_containers()
                except (OSError, ValueError):
                    pass  # the engine does not answer any more; it is ended below
            self._server.stop(30)
            self._server = None
        system.unmount_under(self.folder)
        if self._bridge:
            subprocess.run([system_program("ip"), "link", "delete", self._bridge], capture_output=True, check=False)
            self._bridge = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def _make_bridge(self):
        ip = system_program("ip")
        with _subnets:
            network = system.free_subnet()
            name = f"slt{network.rsplit('.', 1)[1]}-{os.getpid()}"[:15]
            subprocess.run([ip, "link", "add", name, "type", "bridge"], check=True)
            self._bridge = name
            subprocess.run([ip, "address", "add", f"{network}.1/24", "dev", name], check=True)
            subprocess.run([ip, "link", "set", name, "up"], check=True)

    def _command(self, registry):
        command = [
            system_program("dockerd"),
            "--data-root",
            self.folder / "data",
            "--exec-root",
            self.folder / "exec",
            "--pidfile",
            self.folder / "pid",
            "--config-file",
            self._empty_configuration(),
            "--host",
            self.address,
            "--bridge",
            self._bridge,
            "--iptables=false",
            "--registry-mirror",
            registry.url,
            "--log-level",
            "warn",
        ]
        return command + (["--host", self.tcp_address, "--tls=false"] if self.tcp_address else [])

    def _empty_configuration(self):
        path = self.folder / "daemon.json"
        path.write_text("{}")
        return path

    @staticmethod
    def _environment():
        # Docker Hub is asked for what the mirror lacks; a proxy where nobody listens keeps that on this machine.
        return {
            "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin",
            "HTTPS_PROXY": "http://127.0.0.1:1",
            "HTTP_PROXY": "http://127.0.0.1:1",
            "NO_PROXY": "127.0.0.1,localhost",
        }
