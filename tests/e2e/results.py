"""What becomes of the tests of a run: one line each, with the reason below when a test has failed."""

import time
import unittest

REASON_LINES = 12
LOG_LINES = 15


def log_end_of(service):
    """The end of the log of a daemon or cloud that the failed test has used."""
    return [f"--- the end of {type(service).__name__}'s log", *service.log().splitlines()[-LOG_LINES:]]


class Lines(unittest.TestResult):
    """Counts, and gives the text of each test to `say` as soon as it is known."""

    def __init__(self, say):
        super().__init__()
        self.passed = self.failed = 0
        self._say = say
        self._started = 0.0

    def startTest(self, test):
        super().startTest(test)
        self._started = time.monotonic()

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1
        self._tell("ok    ", test)

    def addError(self, test, err):
        super().addError(test, err)
        self._failed(test, self.errors[-1][1])

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._failed(test, self.failures[-1][1])

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._tell("skipped", test, [reason])

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._failed(test, f"{subtest}\n{self._exc_info_to_string(err, test)}")

    def _failed(self, test, text):
        self.failed += 1
        lines = text.strip().splitlines()[-REASON_LINES:]
        lines += [line for service in getattr(test, "services", []) for line in log_end_of(service)]
        self._tell("FAILED", test, lines)

    def _tell(self, word, test, lines=()):
        title = f"{word} {test.id()} ({time.monotonic() - self._started:.1f} s)"
        self._say("\n    ".join([title, *lines]))
