"""The unmodified docker CLI, each instance with a configuration folder of its own."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass

from support.paths import system_program


@dataclass
class Result:
    exit_code: int
    stdout: str
    stderr: str


class DockerCli:
    """Runs `docker` against one daemon. `close` removes the configuration folder."""

    def __init__(self, host, api_version="1.41"):
        self.host = host
        self.program = os.environ.get("SOCKERLESS_DOCKER_CLI") or system_program("docker")
        self._config = tempfile.mkdtemp(prefix="sockerless-docker-config-")
        self._environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": self._config,
            "DOCKER_CONFIG": self._config,
            "DOCKER_HOST": host,
            "DOCKER_CLI_HINTS": "false",
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
        }
        if api_version:
            self._environment["DOCKER_API_VERSION"] = api_version

    def __call__(self, *arguments, stdin=None, environment=None, seconds=90.0):
        """Runs to its end and returns what came out; one that takes too long is killed and reported as exit code -9."""
        running = self.start(*arguments, stdin=stdin, environment=environment)
        return running.finish(seconds)

    def start(self, *arguments, stdin=None, environment=None):
        """Starts the CLI and returns at once."""
        return RunningCli([self.program, *map(str, arguments)], {**self._environment, **(environment or {})}, stdin)

    def ok(self, *arguments, **options):
        """For the preparations of a test: the standard output of a command that must succeed."""
        result = self(*arguments, **options)
        if result.exit_code != 0:
            raise AssertionError(f"docker {' '.join(map(str, arguments))}: exit {result.exit_code}\n{result.stderr}")
        return result.stdout.strip()

    def close(self):
        shutil.rmtree(self._config, ignore_errors=True)


class RunningCli:
    """A CLI process; its output is collected in files, so it never waits for us."""

    def __init__(self, command, environment, stdin):
        self._stdout = tempfile.TemporaryFile()
        self._stderr = tempfile.TemporaryFile()
        self._input = stdin.encode() if isinstance(stdin, str) else stdin
        self.process = subprocess.Popen(
            command,
            env=environment,
            stdout=self._stdout,
            stderr=self._stderr,
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
        )

    def output(self):
        """What it wrote to its standard output so far."""
        return _content(self._stdout)

    def is_running(self):
        return self.process.poll() is None

    def interrupt(self, signal_number):
        self.process.send_signal(signal_number)

    def finish(self, seconds=90.0):
        try:
            self.process.communicate(self._input, timeout=seconds)
            exit_code = self.process.returncode
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            exit_code = -9
        result = Result(exit_code, _content(self._stdout), _content(self._stderr))
        if exit_code == -9:
            result.stderr += f"\n[killed by the test: not finished within {seconds:g} s]\n"
        self._stdout.close()
        self._stderr.close()
        return result


def _content(file):
    size = os.fstat(file.fileno()).st_size
    return os.pread(file.fileno(), size, 0).decode(errors="backslashreplace")
