"""sockerless-cloud --runner=null: thousands of tasks that exist in state only."""

import os
import pwd
import re
from pathlib import Path

from support.cloud import SockerlessCloud

from e2e.cloud_test import CloudUser

TASKS = 5000
MOST_MEMORY = 200  # MiB


def peak_memory(pid):
    """The most physical memory that a process has ever had, in MiB."""
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


class CloudNull(CloudUser):
    deadline = 240

    def setUp(self):
        super().setUp()
        self.cloud = self.use(SockerlessCloud(options=["--runner=null"]))

    def run_many(self, ecs, definition, count):
        arns = []
        while len(arns) < count:
            reply = ecs.run_task(
                taskDefinition=definition["taskDefinitionArn"],
                launchType="FARGATE",
                count=10,
                networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-local"]}},
                overrides={"containerOverrides": [{"name": "main", "environment": [{"name": "N", "value": "1"}]}]},
            )
            arns += [task["taskArn"] for task in reply["tasks"]]
        return arns

    def test_five_thousand_tasks_fit_into_the_memory(self):
        ecs = self.client("ecs")
        arns = self.run_many(ecs, self.register(ecs, "many", ["sleep", "1"]), TASKS)
        pages = ecs.get_paginator("list_tasks").paginate(desiredStatus="RUNNING")
        self.assertEqual({arn for page in pages for arn in page["taskArns"]}, set(arns))
        last = ecs.describe_tasks(tasks=arns[-100:])["tasks"]
        self.assertEqual({task["lastStatus"] for task in last}, {"RUNNING"})
        self.assertLess(peak_memory(self.cloud.pid), MOST_MEMORY)
        # As many are there again after a kill.
        self.cloud.process.kill()
        self.cloud.start()
        ecs = self.client("ecs")
        pages = ecs.get_paginator("list_tasks").paginate(desiredStatus="STOPPED")
        self.assertEqual({arn for page in pages for arn in page["taskArns"]}, set(arns))
        self.assertLess(peak_memory(self.cloud.pid), MOST_MEMORY)
        self.assert_answers_match_the_model()

    def test_tasks_end_of_their_signal(self):
        ecs = self.client("ecs")
        arn = self.run_task(ecs, self.register(ecs, "one", ["sleep", "1"]))
        task = ecs.describe_tasks(tasks=[arn])["tasks"][0]
        self.assertEqual(task["lastStatus"], "RUNNING")
        self.assertIn("privateIPv4Address", [each["name"] for each in task["attachments"][0]["details"]])
        ecs.stop_task(task=arn)
        task = self.wait_status(ecs, arn, "STOPPED")
        self.assertEqual(task["containers"][0]["exitCode"], 143)
        self.assert_answers_match_the_model()

    def test_needs_no_root(self):
        self.assertEqual(self.cloud.process.stop(30), 0)
        nobody = pwd.getpwnam("nobody")
        for path in (self.cloud.folder, *self.cloud.folder.rglob("*")):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        self.cloud.prefix = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
        self.cloud.start()
        self.assertEqual(Path(f"/proc/{self.cloud.pid}").stat().st_uid, nobody.pw_uid)
        self.assertEqual(len(self.client("ecs").list_clusters()["clusterArns"]), 1)
