"""What every end-to-end test has: a deadline, a registry, and a look at what is left on the machine."""

import signal
import unittest

from support import system
from support.docker_cli import DockerCli
from support.processes import Deadline, wait_until
from support.registry import Registry

_registry = None


def shared_registry():
    """One registry with the test images for the whole run."""
    global _registry
    if _registry is None:
        _registry = Registry().fill()
    return _registry


def stop_shared_registry():
    global _registry
    if _registry is not None:
        _registry.stop()
        _registry = None


class EndToEnd(unittest.TestCase):
    """A test that is failed when it takes longer than `deadline` seconds, whatever it waits for."""

    deadline = 90
    alone = False  # whether no other class may run meanwhile: it measures how fast the machine is
    services = ()  # daemons and clouds; the end of their logs is shown when the test fails

    @classmethod
    def download(cls):
        """Fetches what the tests take from the network: it is called before they run, where there is none."""

    def use(self, service):
        """Stops the service when the test ends, and shows its log when the test fails."""
        self.services = [*self.services, service]
        self.addCleanup(service.stop)
        return service

    def run(self, result=None):
        def too_late(*_):
            raise Deadline(f"the test did not finish within {self.deadline} s")

        previous = signal.signal(signal.SIGALRM, too_late)
        signal.setitimer(signal.ITIMER_REAL, self.deadline, 5)
        try:
            return super().run(result)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, previous)

    def cli(self, daemon):
        cli = DockerCli(daemon.address)
        self.addCleanup(cli.close)
        return cli

    def assert_refused(self, result, *words):
        """The command failed, and its error names all of the words (whatever their case)."""
        self.assertNotEqual(result.exit_code, 0, result.stdout)
        for word in words:
            self.assertIn(word.lower(), result.stderr.lower())


class Footprint:
    """What the machine had before a test; `assert_gone` waits until nothing more than that is there."""

    def __init__(self):
        self._interfaces = system.interfaces()
        self._namespaces = system.named_network_namespaces()

    def assert_gone(self, test, folder, *markers, seconds=20.0):
        """No mounts and processes of `folder`, no process that names a marker, no interfaces and namespaces more."""
        try:
            wait_until(lambda: not self._left(folder, markers), "nothing is left", seconds, interval=0.1)
        except Deadline:
            test.assertEqual(self._left(folder, markers), {})

    def _left(self, folder, markers):
        left = {
            "mounts": system.mounts_under(folder),
            "interfaces": sorted(system.interfaces() - self._interfaces),
            "network namespaces": sorted(system.named_network_namespaces() - self._namespaces),
            "processes": {
                pid: line for text in (str(folder), *markers) for pid, line in system.processes_naming(text).items()
            },
        }
        return {name: found for name, found in left.items() if found}
