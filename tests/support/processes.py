"""Background programs of a test, and waiting for facts instead of for time."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path


class Deadline(AssertionError):
    """Something that a test waited for did not happen in time."""


def wait_until(fact, what, seconds=20.0, interval=0.02):
    """Asks `fact` until its answer is true and returns that answer; raises Deadline, naming `what`, when time is up."""
    end = time.monotonic() + seconds
    while True:
        answer = fact()
        if answer:
            return answer
        if time.monotonic() >= end:
            raise Deadline(f"{what}: not within {seconds:g} s")
        time.sleep(interval)


def free_port():
    """A loopback TCP port that was free a moment ago. The caller retries when somebody else was faster."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Background:
    """A program that runs during a test, in a session of its own, with its output in a file.

    Owned by the test that starts it: `stop` or `kill` must be called, both may be called again.
    """

    def __init__(self, command, log, environment=None, stdin=subprocess.DEVNULL, pass_fds=()):
        self.command = [str(part) for part in command]
        self.log = Path(log)
        with open(self.log, "ab") as output:
            self.process = subprocess.Popen(
                self.command,
                stdin=stdin,
                stdout=output,
                stderr=output,
                env=environment,
                start_new_session=True,
                pass_fds=pass_fds,
            )

    @property
    def pid(self):
        return self.process.pid

    def is_running(self):
        return self.process.poll() is None

    def output(self):
        """What it has written so far; nothing once the file has been removed."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def wait_ready(self, fact, what, seconds=20.0):
        """Waits for `fact`; a program that ends before that is reported with the end of its output."""

        def ready_or_dead():
            if not self.is_running():
                raise AssertionError(
                    f"{self.command[0]} ended with {self.process.returncode}:\n{self.output()[-3000:]}"
                )
            return fact()

        try:
            return wait_until(ready_or_dead, what, seconds)
        except Deadline as late:
            raise Deadline(f"{late}\n{self.output()[-3000:]}") from None

    def stop(self, seconds=20.0):
        """SIGTERM, then SIGKILL for the whole session when that did not help in time. Returns the exit status."""
        if self.is_running():
            self.process.terminate()
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                pass
        self._kill_session()
        return self.process.wait(seconds)

    def kill(self):
        """SIGKILL for the program alone, as a crash would; its children live on."""
        self.process.kill()
        return self.process.wait(10)

    def _kill_session(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass


def descendants(pid):
    """The living processes below `pid`, as a list of process ids."""
    children = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError, ValueError):
            continue
        children.setdefault(parent, []).append(int(entry.name))
    found, queue = [], [pid]
    while queue:
        below = children.get(queue.pop(), [])
        found += below
        queue += below
    return found


def command_line(pid):
    """The command line of a living process as a list, empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")[:-1]
    except OSError:
        return []
