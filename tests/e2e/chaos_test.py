"""The chaos of tests/chaos/run for some seconds."""

import random

from chaos.chaos import Chaos

from e2e.base import EndToEnd, shared_registry


class ShortChaos(EndToEnd):
    deadline = 240

    def test_clients_survive_kills_and_nothing_is_left(self):
        for agent in ("forward", "reverse"):
            with self.subTest(agent=agent):
                self.check(agent)

    def check(self, agent):
        chaos = Chaos(clients=4, random=random.Random(7), registry=shared_registry(), agent=agent)
        self.addCleanup(chaos.stop)
        self.services = [chaos.cloud, chaos.daemon]
        chaos.run(8)
        self.assertEqual(chaos.nonsense, [])
        self.assertEqual(chaos.leaks(), [])
        self.assertGreater(chaos.operations, 50)
        self.assertGreater(chaos.kills, 1)
        self.assertGreater(chaos.faults, 3)
