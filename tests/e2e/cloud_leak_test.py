"""sockerless-cloud over many tasks and many kills: nothing of them stays on the machine.

SOCKERLESS_LEAK_TASKS and SOCKERLESS_LEAK_CRASHES set the size; `scripts/leaks` runs a thousand tasks and twenty kills.
"""

import contextlib
import hashlib
import os
import random
import sqlite3
import time
from pathlib import Path

from support.cloud import SockerlessCloud
from support.processes import descendants, wait_until
from support.system import control_groups, interfaces, mounts_under, processes_naming

from e2e.base import shared_registry
from e2e.cloud_test import CloudUser

TASKS = int(os.environ.get("SOCKERLESS_LEAK_TASKS", "60"))
CRASHES = int(os.environ.get("SOCKERLESS_LEAK_CRASHES", "3"))
PARALLEL = int(os.environ.get("SOCKERLESS_LEAK_PARALLEL", "60"))
BATCH = 10
MARKER = f"sleep 9182{os.getpid():07d}"  # of every command here, and of no other run's
SLOWEST_START = 30  # seconds for PARALLEL tasks


class CloudLeaks(CloudUser):
    deadline = 120 + TASKS + 30 * CRASHES

    def setUp(self):
        super().setUp()
        self.cloud = self.use(SockerlessCloud(shared_registry(), ["--admin", "127.0.0.1:0"]))
        self.data = self.cloud.folder / "data"

    def start(self, ecs, definition, count=BATCH):
        reply = ecs.run_task(
            taskDefinition=definition["taskDefinitionArn"],
            launchType="FARGATE",
            count=count,
            networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-local"]}},
        )
        self.assertEqual(reply["failures"], [])
        return [task["taskArn"] for task in reply["tasks"]]

    def statuses(self, ecs, arns):
        """How many of the tasks are in which state."""
        counts = {}
        for begin in range(0, len(arns), 100):
            answer = ecs.describe_tasks(tasks=arns[begin : begin + 100])
            self.assertEqual(answer["failures"], [])
            for task in answer["tasks"]:
                counts[task["lastStatus"]] = counts.get(task["lastStatus"], 0) + 1
        return counts

    def wait_all(self, ecs, arns, status, seconds=60):
        wait_until(lambda: self.statuses(ecs, arns) == {status: len(arns)}, f"all are {status}", seconds, interval=0.2)

    def in_folders(self):
        """What the cloud has of tasks in its own folders."""
        folders = (self.data / "run" / "containers", self.data / "run" / "runtime", self.data / "tasks")
        # Those with a dot are spare ones and the services' own.
        networks = [path for path in (self.data / "run" / "networks").glob("*") if not path.name.startswith(".")]
        return [path for folder in folders for path in folder.glob("*")] + networks

    def name(self):
        """The cloud's part of the names of all that it has on this machine."""
        return hashlib.sha256(str((self.data / "run").resolve()).encode()).hexdigest()[:8]

    def groups_of_containers(self):
        folders = control_groups(f"sockerless/{self.name()}")
        return [path for folder in folders for path in Path(folder).iterdir() if path.is_dir()]

    def left_on_the_machine(self):
        """What an ended cloud must have taken along; others may run meanwhile, so only what bears its name."""
        left = {
            "mounts": mounts_under(self.cloud.folder),
            "interfaces": [each for each in interfaces() if self.name() in each],
            "control groups": control_groups(f"sockerless/{self.name()}"),
            "processes": {**processes_naming(str(self.cloud.folder)), **processes_naming(MARKER)},
            "files": self.in_folders(),
        }
        return {what: found for what, found in left.items() if found}

    def zombies(self):
        """What has ended below the cloud and nobody has waited for: names and control groups."""
        return {pid: _describe(pid) for pid in descendants(self.cloud.pid) if _is_zombie(pid)}

    def assert_nothing_runs(self):
        wait_until(lambda: not self.in_folders(), f"no task has files: {self.in_folders()[:3]}", 30, interval=0.1)
        self.assertEqual(processes_naming(MARKER), {})
        wait_until(lambda: not self.groups_of_containers(), "no container has a control group", 10, interval=0.1)
        wait_until(lambda: not self.zombies(), f"{self.zombies()} have been reaped", 10, interval=0.1)

    def end_and_check(self):
        self.assertEqual(self.cloud.process.stop(30), 0)
        wait_until(lambda: not self.left_on_the_machine(), f"{self.left_on_the_machine()} is gone", 20, interval=0.1)

    def test_many_tasks_leave_nothing(self):
        ecs = self.client("ecs")
        definition = self.register(ecs, "short", ["sh", "-c", f"echo here; {MARKER}1 & exit 3"])
        self.wait_all(ecs, self.start(ecs, definition), "STOPPED")
        descriptors = self.count_descriptors()
        for _ in range(TASKS // BATCH):
            arns = self.start(ecs, definition)
            self.wait_all(ecs, arns, "STOPPED")
            self.assertEqual(self.outcomes(ecs, arns), {(3, "Essential container in task exited")})
        self.assert_nothing_runs()
        self.assertLess(self.count_descriptors(), descriptors + BATCH)
        self.assert_records_expire(ecs)
        self.end_and_check()

    def assert_records_expire(self, ecs):
        """Stopped tasks are known for an hour; then the state has no row of them."""
        self.cloud.admin.advance(2 * 3600)
        self.assertEqual(ecs.list_tasks(desiredStatus="STOPPED")["taskArns"], [])
        (file,) = (self.data / "state").glob("*/state.db")
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as state:
            rows = state.execute("SELECT count(*) FROM documents WHERE kind = 'tasks'").fetchone()
        self.assertEqual(rows, (0,))

    def outcomes(self, ecs, arns):
        tasks = ecs.describe_tasks(tasks=arns)["tasks"]
        return {(task["containers"][0].get("exitCode"), task["stoppedReason"]) for task in tasks}

    def count_descriptors(self):
        return len(os.listdir(f"/proc/{self.cloud.pid}/fd"))

    def test_many_kills_leave_nothing_and_forget_nothing(self):
        dice = random.Random(20261124)
        definition = self.register(self.client("ecs"), "killed", ["sh", "-c", f"echo here; {MARKER}2"])
        arns = []
        for _ in range(CRASHES):
            ecs = self.client("ecs")
            arns += self.start(ecs, definition)
            ecs.stop_task(task=arns[-1])
            # Somewhere between the first pull and all running.
            until = time.monotonic() + dice.uniform(0, 0.8)
            wait_until(lambda end=until: time.monotonic() >= end, "it is time to kill", 5, interval=0.005)
            self.cloud.process.kill()
            self.cloud.start()
            self.assertEqual(self.statuses(self.client("ecs"), arns), {"STOPPED": len(arns)})
            self.assert_nothing_runs()
        self.end_and_check()

    def test_many_tasks_at_once_run_and_stop_clean(self):
        ecs = self.client("ecs")
        definition = self.register(ecs, "parallel", ["sh", "-c", f"{MARKER}3"])
        begin = time.monotonic()
        arns = [arn for _ in range(PARALLEL // BATCH) for arn in self.start(ecs, definition)]
        self.wait_all(ecs, arns, "RUNNING")
        seconds = time.monotonic() - begin
        self.assertLess(seconds, SLOWEST_START)
        for arn in arns:
            ecs.stop_task(task=arn)
        self.wait_all(ecs, arns, "STOPPED", 120)
        self.assert_nothing_runs()
        self.end_and_check()
        print(f"{len(arns)} tasks ran within {seconds:.1f} s", flush=True)


def _describe(pid):
    try:
        folder = Path(f"/proc/{pid}")
        return f"{(folder / 'comm').read_text()} {(folder / 'cgroup').read_text()}"
    except OSError:
        return ""


def _is_zombie(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return False
