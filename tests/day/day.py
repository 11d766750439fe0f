"""What tests/day/run does, as a class that a test can run in small."""

import queue
import re
import threading
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass
from random import Random

import boto3
from support import system
from support.cloud import SockerlessCloud
from support.cloud_admin import Refused
from support.processes import Deadline, wait_until
from support.raw_http import request
from support.registry import Registry
from support.remote_daemon import RemoteSockerlessd

from day import lives
from day.weather import MOST_LAG_MS, Weather, faults

CONTAINER_TAG = "sockerless-container-id"
SETTLING = 400  # seconds: the janitor's longest pause is five minutes


@dataclass
class Plan:
    """`scale`: the part of AWS's published rates that cloud and daemon hold to; None for no limits at all."""

    containers: int = 100
    clients: int = 20
    scale: float | None = 1.0
    mean_launch_ms: int = 20_000
    most_launch_ms: int = 60_000
    most_lag_ms: int = MOST_LAG_MS
    agent: str = "reverse"  # who connects; or "forward"
    seed: int = 1
    awaits_cleanups: bool = True  # all of the daemon's: a lost launch is looked for two minutes long


class Day:
    """One cloud, one daemon, and clients that live through a day with them. `stop` ends everything."""

    def __init__(self, plan, registry=None):
        self.plan = plan
        self.counts, self.refusals = Counter(), Counter()
        self.wrong = []  # sentences
        self._lock = threading.Lock()
        self._own_registry = None if registry else Registry().fill()
        registry = registry or self._own_registry
        self.cloud = SockerlessCloud(registry, options=["--admin", "127.0.0.1:0"])
        try:
            self.daemon = RemoteSockerlessd(
                self.cloud.endpoint,
                registry,
                environment={"SOCKERLESS_API_RATE_LIMITS": "false" if plan.scale is None else "true"},
                options=["--metrics", "127.0.0.1:0", *self._agent_options()],
            )
        except BaseException:
            self.cloud.stop()
            raise
        self.address = self.daemon.address
        self._ecs = boto3.client(
            "ecs",
            endpoint_url=self.cloud.endpoint,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )

    def _agent_options(self):
        return ["--callback-listen", f"{self.cloud.gateway}:0"] if self.plan.agent == "reverse" else []

    def run(self):
        """The day, until every container has been removed and the daemon has nothing left to do."""
        for image in (lives.IMAGE, lives.UNPULLABLE):
            name, _, tag = image.rpartition(":")
            request(self.address, "POST", f"/v1.44/images/create?fromImage={name}&tag={tag}", timeout=60)
        settings = faults(self.plan.mean_launch_ms, self.plan.most_launch_ms)
        if self.plan.scale is not None:
            settings["throttling"] = {"enabled": True, "scale": self.plan.scale}
        self.cloud.admin.change(seed=self.plan.seed, **settings)
        weather = Weather(self.cloud.admin, self.plan.seed, self.plan.most_lag_ms)
        begun = time.monotonic()
        try:
            self._let_clients_work()
        finally:
            weather.stop()
        self.seconds = time.monotonic() - begun
        self.counts["changes of weather"] = weather.changes
        self._verify()
        self.evening_seconds = time.monotonic() - begun - self.seconds

    def _let_clients_work(self):
        random = Random(self.plan.seed)
        waiting = queue.SimpleQueue()
        for number, kind in enumerate(lives.kinds(self.plan.containers, random)):
            waiting.put((f"day-{number}", kind))
        clients = [threading.Thread(target=self._work, args=(waiting,)) for _ in range(self.plan.clients)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()

    def _work(self, waiting):
        while True:
            try:
                name, kind = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                kind(lives.Life(self, name))
                self.count(kind.__name__)
            except (lives.Wrong, OSError, ValueError, KeyError, Refused, Deadline) as error:
                self.note(f"{kind.__name__}: {error if isinstance(error, lives.Wrong) else f'{name}: {error!r}'}")

    # What lives report, from their threads.

    def count(self, what):
        with self._lock:
            self.counts[what] += 1

    def count_refusal(self, cause):
        with self._lock:
            self.refusals[cause] += 1

    def note(self, sentence):
        with self._lock:
            self.wrong.append(sentence)

    # What lives do to their task behind the daemon's back.

    def interrupt(self, name):
        self._act_on_task(name, self.cloud.admin.interrupt)

    def kill_agent(self, name):
        self._act_on_task(name, self.cloud.admin.kill_agent)

    def _act_on_task(self, name, action):
        """The admin API knows no containers, only families, and those begin with the container's id."""
        container = request(self.address, "GET", f"/v1.44/containers/{name}/json").json()["Id"]

        def running_tasks():
            family = f"sockerless-{container[:12]}"
            found = [task for task in self.cloud.admin.tasks() if task["family"] == family]
            return [task["id"] for task in found if task["lastStatus"] == "RUNNING"]

        # Beside the container's there may be one of a launch whose answer was lost, which is about to be stopped.
        refusals, tasks = [], wait_until(running_tasks, f"a running task of {name}", 70)
        for task in tasks:
            try:
                action(task)
            except Refused as refusal:
                refusals.append(refusal)
        if len(refusals) == len(tasks):
            raise refusals[0]

    # What must be so in the evening.

    def _verify(self):
        if self.plan.awaits_cleanups:
            self._expect(lambda: self.metric("sockerless_cleanups") == 0, "clean-ups of the daemon are unfinished")
        listed = request(self.address, "GET", "/v1.44/containers/json?all=1").json()
        self.wrong += [f"container left: {each['Names'][0]} {each['Status']}" for each in listed]
        self._expect(lambda: not self._running(), "tasks run that nobody knows", 60)
        self._expect(lambda: not self._definitions(), "task definitions are left", 60)
        self._expect(lambda: not system.processes_naming(" ".join(lives.FOREVER)), "processes are left", 60)
        tasks = self._all_tasks()
        self.counts["tasks"] = len(tasks)
        launches = Counter(task["startedBy"] for task in tasks)
        self.wrong += [f"{count} tasks of the launch {launch}" for launch, count in launches.items() if count > 1]
        self.wrong += list(overlapping(tasks))

    def _expect(self, fact, what, seconds=SETTLING):
        try:
            wait_until(fact, what, seconds, interval=0.5)
        except Deadline:
            self.wrong.append(what)

    def _running(self):
        return self._ecs.list_tasks(cluster="default", desiredStatus="RUNNING")["taskArns"]

    def _definitions(self):
        return self._ecs.list_task_definitions(status="ACTIVE")["taskDefinitionArns"]

    def _all_tasks(self):
        """Every task of the day; ECS shows stopped ones for an hour."""
        pages = self._ecs.get_paginator("list_tasks").paginate(cluster="default", desiredStatus="STOPPED")
        arns = [arn for page in pages for arn in page["taskArns"]]
        tasks = []
        for begin in range(0, len(arns), 100):
            batch = arns[begin : begin + 100]
            tasks += self._ecs.describe_tasks(cluster="default", tasks=batch, include=["TAGS"])["tasks"]
        return tasks

    # What the daemon counts.

    def metrics(self):
        address = re.search(r"metrics are served address=tcp://(\S+)", self.daemon.log()).group(1)
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as answer:
            return answer.read().decode()

    def metric(self, name):
        return float(re.search(rf"^{name} (\S+)$", self.metrics(), re.MULTILINE).group(1))

    def aws_calls(self):
        """How many attempts of AWS calls there were, by operation and result."""
        pattern = r'sockerless_aws_calls_total\{operation="(\w+)",result="([^"]+)"\} (\d+)'
        return {(operation, result): int(count) for operation, result, count in re.findall(pattern, self.metrics())}

    def summary(self):
        results, operations = Counter(), Counter()
        for (operation, result), count in self.aws_calls().items():
            results[result] += count
            operations[operation] += count
        lines = [
            f"{self.plan.containers} containers by {self.plan.clients} clients in {self.seconds:.0f} s, "
            f"the last clean-up {self.evening_seconds:.0f} s later",
            "done: " + ", ".join(f"{count} {name}" for name, count in sorted(self.counts.items())),
            "refused, with the reason: " + ", ".join(f"{count} {name}" for name, count in self.refusals.most_common()),
            "attempts of AWS calls: " + ", ".join(f"{count} {result}" for result, count in results.most_common()),
            "of operations: " + ", ".join(f"{count} {operation}" for operation, count in operations.most_common()),
        ]
        return "\n".join(lines)

    def stop(self):
        self.daemon.stop()
        self.cloud.stop()
        if self._own_registry:
            self._own_registry.stop()


def overlapping(tasks):
    """Sentences about tasks of one container that ran at the same time."""
    by_container = {}
    for task in tasks:
        container = next(tag["value"] for tag in task["tags"] if tag["key"] == CONTAINER_TAG)
        if "startedAt" in task:
            by_container.setdefault(container, []).append(task)
    for container, own in by_container.items():
        own.sort(key=lambda task: task["startedAt"])
        for earlier, later in zip(own, own[1:], strict=False):
            # From the order to end on, a task is no second one: its container may still be ending.
            if earlier.get("stoppingAt", earlier["stoppedAt"]) > later["startedAt"]:
                yield f"two tasks of {container[:12]} at once: {earlier['taskArn']}, {later['taskArn']}"
