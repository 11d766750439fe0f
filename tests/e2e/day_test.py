"""The scripted day of tests/day/run in small: every kind of life and every fault once."""

from day.day import Day, Plan
from day.lives import SHARES

from e2e.base import EndToEnd, shared_registry

SMALL = Plan(
    containers=len(SHARES) + 2,
    clients=6,
    scale=None,
    mean_launch_ms=500,
    most_launch_ms=2000,
    most_lag_ms=1000,
    seed=3,
    awaits_cleanups=False,
)


class SmallDay(EndToEnd):
    deadline = 240

    def test_nothing_is_wrong_leaked_doubled_or_unexplained(self):
        day = Day(SMALL, shared_registry())
        self.addCleanup(day.stop)
        self.services = [day.daemon, day.cloud]
        day.run()
        self.assertEqual(day.wrong, [])
        self.assertEqual(sum(day.counts[kind.__name__] for kind, _ in SHARES), SMALL.containers)
        results = {result for _, result in day.aws_calls()}
        self.assertLessEqual({"ok", "ThrottlingException", "ClientException", "ServerException"}, results)
