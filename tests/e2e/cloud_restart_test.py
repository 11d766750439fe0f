"""sockerless-cloud that is killed or ended, and started again in the same folder."""

import hashlib
from pathlib import Path

from support.cloud import SockerlessCloud
from support.processes import wait_until
from support.system import control_groups, processes_naming

from e2e.base import Footprint, shared_registry
from e2e.cloud_test import GROUP, CloudUser


class CloudRestart(CloudUser):
    deadline = 120

    def setUp(self):
        super().setUp()
        self.footprint = Footprint()
        self.cloud = self.use(SockerlessCloud(shared_registry()))

    def kill_and_start(self):
        self.cloud.process.kill()
        self.cloud.start()

    def end_and_check(self, *markers):
        self.assertEqual(self.cloud.process.stop(30), 0)
        self.footprint.assert_gone(self, self.cloud.folder, *markers)
        name = hashlib.sha256(str((self.cloud.folder / "data" / "run").resolve()).encode()).hexdigest()[:8]
        self.assertEqual(control_groups(f"sockerless/{name}"), [])
        self.assert_answers_match_the_model()

    def test_killed_cloud_reports_what_ran_as_stopped(self):
        ecs = self.client("ecs")
        definition = self.register(ecs, "lost", ["sleep", "91827371"])
        arn = self.run_task(ecs, definition, clientToken="once", tags=[{"key": "k", "value": "v"}])
        running = self.wait_status(ecs, arn, "RUNNING")
        self.kill_and_start()
        self.assertEqual(processes_naming("sleep 91827371"), {})
        ecs = self.client("ecs")
        task = ecs.describe_tasks(tasks=[arn], include=["TAGS"])["tasks"][0]
        self.assertEqual((task["lastStatus"], task["stopCode"]), ("STOPPED", "InfrastructureHealth"))
        self.assertIn("the local cloud was killed", task["stoppedReason"])
        self.assertIn("the local cloud was killed", task["containers"][0]["reason"])
        self.assertNotIn("exitCode", task["containers"][0])
        self.assertEqual(task["startedAt"], running["startedAt"])
        self.assertGreater(task["version"], running["version"])
        self.assertEqual(task["tags"], [{"key": "k", "value": "v"}])
        self.assertEqual(ecs.list_tasks(desiredStatus="STOPPED")["taskArns"], [arn])
        # The same call again is still the same task.
        self.assertEqual(self.run_task(ecs, definition, clientToken="once", tags=task["tags"]), arn)
        self.end_and_check("sleep 91827371")

    def test_killed_cloud_keeps_definitions_clusters_and_logs(self):
        ecs, logs = self.client("ecs"), self.client("logs")
        first = self.register(ecs, "kept", ["sh", "-c", "echo one; echo two"])
        self.register(ecs, "kept", ["true"])
        ecs.create_cluster(clusterName="mine", tags=[{"key": "k", "value": "v"}])
        arn = self.run_task(ecs, first)
        stopped = self.wait_status(ecs, arn, "STOPPED")
        stream = f"kept/main/{arn.rsplit('/', 1)[1]}"
        before = logs.get_log_events(logGroupName=GROUP, logStreamName=stream, startFromHead=True)
        self.kill_and_start()
        ecs, logs = self.client("ecs"), self.client("logs")
        self.assertEqual(ecs.describe_tasks(tasks=[arn])["tasks"], [stopped])
        self.assertEqual(ecs.describe_task_definition(taskDefinition="kept")["taskDefinition"]["revision"], 2)
        self.assertEqual(self.register(ecs, "kept", ["true"])["revision"], 3)
        described = ecs.describe_clusters(clusters=["mine"], include=["TAGS"])["clusters"][0]
        self.assertEqual(described["tags"], [{"key": "k", "value": "v"}])
        after = logs.get_log_events(logGroupName=GROUP, logStreamName=stream, startFromHead=True)
        self.assertEqual(after["events"], before["events"])
        self.assertEqual([event["message"] for event in after["events"]], ["one", "two"])
        self.end_and_check()

    def test_output_until_the_kill_is_in_the_log(self):
        ecs = self.client("ecs")
        loop = "i=0; while :; do echo line $i; i=$((i+1)); done"
        arn = self.run_task(ecs, self.register(ecs, "busy", ["sh", "-c", loop]))
        stream = f"busy/main/{arn.rsplit('/', 1)[1]}"
        self.wait_status(ecs, arn, "RUNNING")

        def messages(**more):
            page = self.client("logs").get_log_events(
                logGroupName=GROUP, logStreamName=stream, startFromHead=True, **more
            )
            return [event["message"] for event in page["events"]]

        wait_until(lambda: len(messages()) == 10000, "many lines have come", 30)
        before = messages()
        self.kill_and_start()
        self.assertEqual(messages(), before)
        page = self.client("logs").get_log_events(logGroupName=GROUP, logStreamName=stream)
        numbers = [int(event["message"].split()[1]) for event in page["events"]]
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))
        self.end_and_check()

    def test_kill_while_tasks_start_forgets_none(self):
        ecs = self.client("ecs")
        definition = self.register(ecs, "begun", ["sleep", "91827372"])
        arns = [self.run_task(ecs, definition) for _ in range(8)]
        self.kill_and_start()
        self.assertEqual(processes_naming("sleep 91827372"), {})
        answer = self.client("ecs").describe_tasks(tasks=arns)
        self.assertEqual(answer["failures"], [])
        self.assertEqual({task["stopCode"] for task in answer["tasks"]}, {"InfrastructureHealth"})
        self.end_and_check("sleep 91827372")

    def test_ended_cloud_says_so_after_its_next_start(self):
        ecs = self.client("ecs")
        arn = self.run_task(ecs, self.register(ecs, "ended", ["sleep", "91827373"]))
        self.wait_status(ecs, arn, "RUNNING")
        self.assertEqual(self.cloud.process.stop(30), 0)
        self.cloud.start()
        task = self.client("ecs").describe_tasks(tasks=[arn])["tasks"][0]
        self.assertEqual((task["lastStatus"], task["stopCode"]), ("STOPPED", "TerminationNotice"))
        self.assertEqual(task["containers"][0]["exitCode"], 137)
        self.end_and_check("sleep 91827373")

    def test_state_that_cannot_be_read_is_explained(self):
        self.assertEqual(self.cloud.process.stop(30), 0)
        database = next(Path(self.cloud.folder).glob("data/state/*/state.db"))
        database.write_bytes(b"x" * 8192)
        for rest in database.parent.glob("state.db-*"):
            rest.unlink()
        with self.assertRaises(Exception) as refused:
            self.cloud.start()
        self.assertIn("move the file", str(refused.exception) + self.cloud.log())
