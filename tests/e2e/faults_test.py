"""Every fault that the local cloud's admin API injects, as a user of AWS sees it."""

import platform
import socket
import subprocess
import time

import botocore.exceptions
from support.cloud import EFS_ID, SockerlessCloud
from support.cloud_admin import Refused
from support.processes import wait_until

from e2e.base import shared_registry
from e2e.cloud_user import GROUP, CloudUser

AGENT_FOLDER = "/" + {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]


class Faults(CloudUser):
    @classmethod
    def setUpClass(cls):
        cls.cloud = SockerlessCloud(shared_registry(), ["--admin", "127.0.0.1:0"])
        cls.admin = cls.cloud.admin
        cls.services = [cls.cloud]

    @classmethod
    def tearDownClass(cls):
        cls.cloud.stop()

    def setUp(self):
        super().setUp()
        self.addCleanup(self.admin.reset)

    def error_of(self, call, *arguments, **options):
        with self.assertRaises(botocore.exceptions.ClientError) as refused:
            call(*arguments, **options)
        answer = refused.exception.response
        return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]

    def running(self, ecs, family, command=("sleep", "300"), **more):
        arn = self.run_task(ecs, self.register(ecs, family, list(command)), **more)
        return self.wait_status(ecs, arn, "RUNNING")

    def test_settings_are_read_back_and_reset(self):
        before = self.admin.faults()
        changed = self.admin.change(logLagMs=1500, capacity={"rate": 0.25})
        self.assertEqual((changed["logLagMs"], changed["capacity"]["rate"]), (1500, 0.25))
        self.assertEqual(self.admin.faults(), changed)
        self.assertEqual(self.admin.reset(), before)
        with self.assertRaises(Refused) as refused:
            self.admin.change(logLag=1)
        self.assertEqual((refused.exception.status, str(refused.exception)), (400, '400: unknown member "logLag"'))

    def test_launches_are_delayed(self):
        self.admin.change(launchDelay={"minMs": 700, "maxMs": 900})
        ecs = self.client("ecs")
        task = self.wait_status(ecs, self.run_task(ecs, self.register(ecs, "late", ["true"])), "STOPPED")
        waited = (task["connectivityAt"] - task["createdAt"]).total_seconds()
        self.assertGreaterEqual(waited, 0.7)
        self.assertLess(waited, 5)

    def test_capacity_runs_out_for_some_tasks_of_a_call(self):
        self.admin.change(capacity={"rate": 1, "count": 2})
        ecs = self.client("ecs")
        definition = self.register(ecs, "crowd", ["true"])["taskDefinitionArn"]
        network = {"awsvpcConfiguration": {"subnets": ["subnet-local"]}}
        reply = ecs.run_task(taskDefinition=definition, launchType="FARGATE", count=3, networkConfiguration=network)
        self.assertEqual((len(reply["tasks"]), len(reply["failures"])), (1, 2))
        self.assertTrue(reply["failures"][0]["reason"].startswith("Capacity is unavailable at this time."))
        self.assertEqual(self.admin.faults()["capacity"]["count"], 0)
        self.assert_answers_match_the_model()

    def test_calls_are_throttled_by_the_published_buckets(self):
        self.admin.change(throttling={"enabled": True, "scale": 0.1})
        ecs, logs = self.client("ecs"), self.client("logs")
        outcomes = []
        for _ in range(15):
            try:
                ecs.list_tasks()
                outcomes.append("ok")
            except botocore.exceptions.ClientError as refused:
                outcomes.append(refused.response["Error"]["Code"])
        self.assertEqual(set(outcomes), {"ok", "ThrottlingException"})
        self.assertEqual(outcomes[:10], ["ok"] * 10)
        logs.describe_log_groups()  # buckets of other operations are full

        def is_admitted():
            try:
                return ecs.list_tasks()
            except botocore.exceptions.ClientError:
                return None

        wait_until(is_admitted, "a token has come back", 10)

    def test_some_calls_end_with_500(self):
        self.admin.change(serverErrors={"rate": 1, "count": 2})
        ecs, logs = self.client("ecs"), self.client("logs")
        self.assertEqual(self.error_of(ecs.list_tasks), ("ServerException", 500))
        self.assertEqual(self.error_of(logs.describe_log_groups), ("ServiceUnavailableException", 500))
        ecs.list_tasks()

    def test_an_operation_fails_with_a_chosen_code(self):
        self.admin.change(errors=[{"operation": "ListClusters", "code": "AccessDeniedException", "message": "no"}])
        ecs = self.client("ecs")
        self.assertEqual(self.error_of(ecs.list_clusters), ("AccessDeniedException", 400))
        ecs.list_tasks()

    def test_connections_break_before_and_after_the_work(self):
        ecs = self.client("ecs")
        for fault, is_done in (("droppedRequests", False), ("droppedAnswers", True)):
            name = fault.lower()
            self.admin.change(**{fault: {"rate": 1, "count": 1}})
            with self.assertRaises(botocore.exceptions.ConnectionClosedError):
                ecs.create_cluster(clusterName=name)
            known = [arn.rpartition("/")[2] for arn in ecs.list_clusters()["clusterArns"]]
            self.assertEqual(name in known, is_done)

    def test_log_events_come_late(self):
        logs = self.client("logs")
        logs.create_log_group(logGroupName="/late")
        logs.create_log_stream(logGroupName="/late", logStreamName="s")
        self.admin.change(logLagMs=60_000)
        events = [{"timestamp": int(time.time() * 1000), "message": "at last"}]
        logs.put_log_events(logGroupName="/late", logStreamName="s", logEvents=events)
        self.assertEqual(logs.get_log_events(logGroupName="/late", logStreamName="s")["events"], [])
        self.assertEqual(logs.filter_log_events(logGroupName="/late")["events"], [])
        self.admin.change(logLagMs=0)
        self.assertEqual(len(logs.get_log_events(logGroupName="/late", logStreamName="s")["events"]), 1)
        self.assertEqual(len(logs.filter_log_events(logGroupName="/late")["events"]), 1)

    def test_a_new_task_is_missing_at_first(self):
        self.admin.change(describesToMiss=2)
        ecs = self.client("ecs")
        arn = self.run_task(ecs, self.register(ecs, "shy", ["true"]))
        for _ in range(2):
            self.assertEqual(ecs.describe_tasks(tasks=[arn])["failures"], [{"arn": arn, "reason": "MISSING"}])
        self.assertEqual(len(ecs.describe_tasks(tasks=[arn])["tasks"]), 1)
        self.assert_answers_match_the_model()

    def test_the_front_doors_clock_is_wrong(self):
        ecs = self.client("ecs")
        self.admin.change(clockSkewMs=20 * 60_000)
        with self.assertRaises(botocore.exceptions.ClientError) as refused:
            ecs.list_tasks()
        self.assertEqual(refused.exception.response["Error"]["Code"], "InvalidSignatureException")
        self.assertIn("Signature expired", str(refused.exception))
        self.admin.change(clockSkewMs=14 * 60_000)
        ecs.list_tasks()

    def test_stopped_tasks_are_forgotten_after_an_hour(self):
        ecs = self.client("ecs")
        arn = self.run_task(ecs, self.register(ecs, "old", ["true"]))
        self.wait_status(ecs, arn, "STOPPED")
        self.admin.advance(55 * 60)
        self.assertEqual(len(ecs.describe_tasks(tasks=[arn])["tasks"]), 1)

        def is_forgotten():  # the hour begins when nothing of it is left, which may have been a moment ago
            self.admin.advance(10 * 60)
            return ecs.describe_tasks(tasks=[arn])["failures"]

        wait_until(is_forgotten, "the task is forgotten", 10)

    def test_a_spot_task_is_interrupted(self):
        ecs = self.client("ecs")
        definition = self.register(ecs, "spot", ["sh", "-c", "trap 'exit 9' TERM; while :; do sleep 0.1; done"])
        network = {"awsvpcConfiguration": {"subnets": ["subnet-local"]}}
        strategy = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
        started = ecs.run_task(
            taskDefinition=definition["taskDefinitionArn"],
            capacityProviderStrategy=strategy,
            networkConfiguration=network,
        )
        arn = started["tasks"][0]["taskArn"]
        self.wait_status(ecs, arn, "RUNNING")
        self.admin.interrupt(arn)
        stopped = self.wait_status(ecs, arn, "STOPPED")
        self.assertEqual(stopped["stopCode"], "SpotInterruption")
        self.assertEqual(stopped["stoppedReason"], "Your Spot Task was interrupted.")
        self.assertEqual(stopped["containers"][0]["exitCode"], 9)  # it was asked first
        self.assert_answers_match_the_model()

    def test_only_spot_tasks_are_interrupted(self):
        ecs = self.client("ecs")
        arn = self.running(ecs, "demanded")["taskArn"]
        with self.assertRaises(Refused) as refused:
            self.admin.interrupt(arn)
        self.assertEqual(refused.exception.status, 409)
        self.assertEqual(self.admin.task(arn)["lastStatus"], "RUNNING")
        ecs.stop_task(task=arn)

    def test_the_agent_of_a_task_is_killed(self):
        ecs = self.client("ecs")
        volume = {"name": "agent", "efsVolumeConfiguration": {"fileSystemId": EFS_ID, "rootDirectory": AGENT_FOLDER}}
        container = {
            "name": "main",
            "image": "busybox",
            "entryPoint": ["/agent/sockerless-agent", "--addr", ":9111", "--"],
            "command": ["sleep", "300"],
            "environment": [{"name": "SOCKERLESS_AGENT_TOKEN", "value": "secret"}],
            "mountPoints": [{"sourceVolume": "agent", "containerPath": "/agent"}],
        }
        definition = self.register(ecs, "agent", [], containerDefinitions=[container], volumes=[volume])
        arn = self.run_task(ecs, definition)
        self.wait_status(ecs, arn, "RUNNING")
        self.admin.kill_agent(arn)
        stopped = self.wait_status(ecs, arn, "STOPPED")
        self.assertEqual((stopped["stopCode"], stopped["containers"][0]["exitCode"]), ("EssentialContainerExited", 137))

    def test_a_task_without_an_agent_has_none_to_kill(self):
        ecs = self.client("ecs")
        arn = self.running(ecs, "agentless")["taskArn"]
        with self.assertRaises(Refused) as refused:
            self.admin.kill_agent(arn)
        self.assertEqual(refused.exception.status, 409)
        ecs.stop_task(task=arn)

    def test_a_task_is_cut_off_and_connected_again(self):
        ecs, logs = self.client("ecs"), self.client("logs")
        script = "nc -ll -p 7000 -e echo hello & while :; do echo alive; sleep 0.2; done"
        task = self.running(ecs, "island", ["sh", "-c", script])
        arn, address = task["taskArn"], task["containers"][0]["networkInterfaces"][0]["privateIpv4Address"]

        def answers():
            try:
                with socket.create_connection((address, 7000), 0.5) as connection:
                    return connection.recv(100) == b"hello\n"
            except OSError:
                return False

        wait_until(answers, "the task's server answers", 15)
        self.assertTrue(self.admin.partition(arn)["partitioned"])
        self.assertFalse(answers())
        stream = f"island/main/{arn.rpartition('/')[2]}"

        def lines():
            return len(logs.get_log_events(logGroupName=GROUP, logStreamName=stream)["events"])

        before = lines()
        wait_until(lambda: lines() > before, "the task goes on", 10)
        self.assertFalse(self.admin.heal(arn)["partitioned"])
        wait_until(answers, "the task's server answers again", 15)
        ecs.stop_task(task=arn)


class AdminAddress(CloudUser):
    def test_other_addresses_than_loopback_are_refused(self):
        with self.assertRaises(Exception) as refused:
            self.use(SockerlessCloud(options=["--admin", "0.0.0.0:0"]))
        self.assertIn("loopback", str(refused.exception))

    def test_there_is_none_unless_asked_for(self):
        cloud = self.use(SockerlessCloud())
        self.assertIsNone(cloud.admin)
        listening = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True, check=True, timeout=10).stdout
        mine = [line for line in listening.splitlines() if f"pid={cloud.pid}," in line]
        self.assertEqual(len(mine), 1, mine)
