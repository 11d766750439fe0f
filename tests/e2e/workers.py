"""Processes that run test classes beside each other, each in namespaces of its own.

A test looks at the interfaces, mounts, named network namespaces and processes of the machine; in its worker's it
sees its own alone, and addresses and ports of two workers can't collide. What a worker leaves running ends with it.
"""

import json
import queue
import subprocess
import sys
import threading
import unittest
from pathlib import Path

from support import namespaces

from e2e.base import stop_shared_registry
from e2e.results import Lines

_RUN = Path(__file__).with_name("run")


def serve(classes):
    """The worker: runs the classes that are named on its standard input; tells each test in a line of JSON."""

    def tell(**what):
        print(json.dumps(what), flush=True)

    try:
        for line in sys.stdin:
            result = Lines(lambda text: tell(text=text))
            unittest.TestSuite(classes[line.strip()]).run(result)
            tell(passed=result.passed, failed=result.failed)
    finally:
        stop_shared_registry()


class _Worker:
    """The run's side of one worker process."""

    def __init__(self, arguments):
        self._process = subprocess.Popen(
            namespaces.command([sys.executable, _RUN, "--worker", *arguments]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, name, say):
        """Runs the class: how many tests have passed and failed, or None when the worker has ended before that."""
        try:
            self._process.stdin.write(name + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return None
        for line in self._process.stdout:
            try:
                told = json.loads(line)
            except json.JSONDecodeError:
                told = {"text": line.rstrip("\n")}  # what a test has printed itself
            if "passed" in told:
                return told["passed"], told["failed"]
            say(told["text"])
        return None

    def stop(self):
        self._process.stdin.close()
        self._process.wait()


class Run:
    """Gives classes to workers, and counts."""

    def __init__(self, arguments):
        self.passed = self.failed = 0
        self._arguments = arguments
        self._lock = threading.Lock()

    def run(self, names, jobs):
        """Runs the classes on so many workers at once."""
        waiting = queue.SimpleQueue()
        for name in names:
            waiting.put(name)
        threads = [threading.Thread(target=self._work, args=(waiting,)) for _ in range(min(jobs, len(names)))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _work(self, waiting):
        worker = None
        while True:
            try:
                name = waiting.get_nowait()
            except queue.Empty:
                break
            worker = worker or _Worker(self._arguments)
            counts = worker.run(name, self._say)
            if counts is None:
                worker.stop()
                worker = None
                counts = 0, 1
                self._say(f"FAILED {name}: its worker has ended before it could report")
            with self._lock:
                self.passed += counts[0]
                self.failed += counts[1]
        if worker:
            worker.stop()

    def _say(self, text):
        with self._lock:
            print(text, flush=True)
