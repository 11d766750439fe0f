"""What tests/chaos/run does, as a class that a test can run for some seconds."""

import os
import threading
import time
from random import Random

from e2e.crash_points import FOREVER, Client, Died, Ecs
from support import system
from support.cloud import SockerlessCloud
from support.cloud_admin import Refused
from support.processes import Deadline, wait_until
from support.registry import Registry
from support.remote_daemon import RemoteSockerlessd, callback_options

KILL_EVERY = (1.0, 4.0)  # seconds, between two kills of the daemon
CHANGE_EVERY = (0.2, 1.0)  # seconds, between two changes of the cloud's faults
FAULT_RATES = (0, 0.02, 0.1)
CUT_OFF_FOR = (0.1, 2.0)  # seconds, that a task reaches nobody
MOST_FILES = 99  # that a daemon without containers has open


class Chaos:
    """One cloud, one daemon that is killed at random, and clients that live with it. `stop` ends everything.

    `agent`: "forward", the daemon dials the agents, or "reverse", they dial it.
    """

    def __init__(self, clients, random, registry=None, agent="forward"):
        self._random = random
        self._own_registry = None if registry else Registry().fill()
        registry = registry or self._own_registry
        self._interfaces = system.interfaces()
        self.cloud = SockerlessCloud(registry, options=["--admin", "127.0.0.1:0"])
        self.daemon = RemoteSockerlessd(
            self.cloud.endpoint,
            registry,
            environment={"SOCKERLESS_API_RATE_LIMITS": "false"},
            options=callback_options(self.cloud) if agent == "reverse" else [],
        )
        self._clients = clients
        self._ending = threading.Event()
        self._counting = threading.Lock()
        self.operations = self.refusals = self.kills = self.faults = 0
        self.nonsense = []

    def run(self, seconds):
        Client(self.daemon.address)("POST", "/images/create?fromImage=busybox&tag=latest")
        workers = [threading.Thread(target=self._work, args=(number,)) for number in range(self._clients)]
        workers.append(threading.Thread(target=self._make_weather, args=(self._random.random(),), name="weather"))
        for worker in workers:
            worker.start()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._ending.wait(min(self._random.uniform(*KILL_EVERY), max(end - time.monotonic(), 0)))
            self.daemon.kill()
            self.kills += 1
            self.daemon.start()
        self._ending.set()
        for worker in workers:
            worker.join(120)
            if worker.is_alive():
                self.nonsense.append(f"{worker.name} hangs")

    def _work(self, number):
        client = Client(self.daemon.address)
        turn = 0
        left = set()  # behind by the daemon's death; the client removes it, as one does who comes back
        while not self._ending.is_set():
            turn += 1
            name = f"c{number}-{turn}"
            try:
                for old in sorted(left):
                    self._ask(client, "DELETE", f"/containers/{old}?force=1")
                    left.remove(old)
                left.add(name)
                self._one_life(client, name)
                left.remove(name)
            except Died:
                # The daemon was killed, or is not there yet: the client's next turn begins with it.
                self._ending.wait(0.05)

    def _make_weather(self, seed):
        """Calls that AWS fails, or whose answer is lost, and tasks that are cut off for a while, until the end."""
        random, admin = Random(seed), self.cloud.admin
        while not self._ending.wait(random.uniform(*CHANGE_EVERY)):
            self.faults += 1
            name = random.choice(["serverErrors", "droppedRequests", "droppedAnswers", "partition"])
            running = [task["id"] for task in admin.tasks("RUNNING")]
            if name != "partition":
                admin.change(**{name: {"rate": random.choice(FAULT_RATES)}})
            elif running:
                self._cut_off(admin, random.choice(running), random.uniform(*CUT_OFF_FOR))
        admin.reset()

    def _cut_off(self, admin, task, seconds):
        try:
            admin.partition(task)
            self._ending.wait(seconds)
            admin.heal(task)
        except Refused:
            pass  # the task has ended meanwhile

    def _ask(self, client, method, path, body=None):
        """A success, a refusal with a reason, or Died; anything else is nonsense."""
        reply = client(method, path, body)
        with self._counting:
            self.operations += 1
            if reply.status >= 400:
                self.refusals += 1
                if not _reason(reply):
                    self.nonsense.append(f"{method} {path}: {reply.status} {reply.text()!r}")
            elif reply.status not in (200, 201, 204, 304):
                self.nonsense.append(f"{method} {path}: {reply.status}")
        return reply

    def _one_life(self, client, name):
        command = FOREVER if self._random.random() < 0.5 else ["sh", "-c", "echo out; exit 3"]
        created = self._ask(client, "POST", f"/containers/create?name={name}", {"Image": "busybox", "Cmd": command})
        if created.status != 201:
            return
        started = self._ask(client, "POST", f"/containers/{name}/start")
        if started.status == 204 and command is not FOREVER:
            code = self._ask(client, "POST", f"/containers/{name}/wait").json().get("StatusCode")
            if code not in (3, 125, 255):
                self.nonsense.append(f"{name}: exit code {code} instead of 3")
        elif started.status == 204:
            self._exec(client, name)
            self._ask(client, "POST", f"/containers/{name}/{self._random.choice(['stop', 'kill', 'restart'])}")
        self._ask(client, "DELETE", f"/containers/{name}?force=1")

    def _exec(self, client, name):
        """An exec's output and exit code are true, unless the daemon was killed under it: then they are cut or 255."""
        kills = self.kills
        created = self._ask(client, "POST", f"/containers/{name}/exec", {"Cmd": ["echo", "true"], "AttachStdout": True})
        if created.status != 201:
            return
        id = created.json()["Id"]
        started = self._ask(client, "POST", f"/exec/{id}/start", {"Detach": False})
        if started.status != 200:
            return
        code = self._ask(client, "GET", f"/exec/{id}/json").json().get("ExitCode")
        if code not in (0, 255) or (code == 0 and started.body[8:] != b"true\n" and kills == self.kills):
            self.nonsense.append(f"{name}: exec ended with {code} and wrote {started.text()!r}")

    def leaks(self):
        """Everything that is left once all containers have been removed, as sentences."""
        client = Client(self.daemon.address)
        ecs = Ecs(self.daemon.environment_of_aws())
        for id in client.containers():
            client("DELETE", f"/containers/{id}?force=1")
        found = []

        def expect_none(left, what, seconds=60):
            try:
                wait_until(lambda: not left(), what, seconds, interval=0.2)
            except Deadline:
                found.append(f"{what}, at least {len(left())} of them")  # ECS lists a hundred a page

        expect_none(client.containers, "records")
        expect_none(ecs.running_tasks, "tasks")
        expect_none(ecs.definitions, "task definitions")
        expect_none(lambda: system.processes_naming(" ".join(FOREVER)), "processes of containers")
        expect_none(lambda: system.mounts_under(self.cloud.folder / "data" / "tasks"), "mounts")
        expect_none(lambda: os.listdir(f"/proc/{self.daemon.pid}/fd")[MOST_FILES:], "open files beyond the usual", 20)
        self.daemon.terminate()
        self.cloud.stop()
        expect_none(lambda: system.interfaces() - self._interfaces, "network interfaces", 20)
        return found

    def stop(self):
        self._ending.set()
        self.daemon.stop()
        self.cloud.stop()
        if self._own_registry:
            self._own_registry.stop()


def _reason(reply):
    try:
        return reply.json().get("message")
    except ValueError:
        return None
