"""sockerless-cloud, used by AWS's own clients, its answers checked against AWS's own description of them."""

import json
import shutil
import subprocess
import time
import unittest

import botocore.exceptions
from support.cloud import SockerlessCloud
from support.daemon import clean_environment
from support.processes import wait_until
from support.system import processes_naming

from e2e.base import Footprint, shared_registry
from e2e.cloud_user import GROUP, CloudUser

AWS_CLI = shutil.which("aws", path="/usr/bin") or shutil.which("aws")


class Cloud(CloudUser):
    @classmethod
    def setUpClass(cls):
        cls.cloud = SockerlessCloud(shared_registry())
        cls.services = [cls.cloud]

    @classmethod
    def tearDownClass(cls):
        cls.cloud.stop()

    def test_task_runs_and_its_output_is_in_the_log(self):
        ecs, logs = self.client("ecs"), self.client("logs")
        definition = self.register(ecs, "speaks", ["sh", "-c", "echo one; echo two >&2; exit 4"])
        arn = self.run_task(ecs, definition)
        task = self.wait_status(ecs, arn, "STOPPED")
        self.assertEqual(task["containers"][0]["exitCode"], 4)
        self.assertEqual(task["stopCode"], "EssentialContainerExited")
        for moment in ("createdAt", "pullStartedAt", "pullStoppedAt", "startedAt", "stoppingAt", "stoppedAt"):
            self.assertIn(moment, task)
        stream = f"speaks/main/{arn.rsplit('/', 1)[1]}"

        def messages():
            events = logs.get_log_events(logGroupName=GROUP, logStreamName=stream, startFromHead=True)["events"]
            return sorted(event["message"] for event in events)

        wait_until(lambda: len(messages()) == 2, "both lines are in the log", 15)
        self.assertEqual(messages(), ["one", "two"])
        self.assert_answers_match_the_model()

    def test_running_task_has_an_address_and_is_stopped(self):
        ecs = self.client("ecs")
        arn = self.run_task(
            ecs, self.register(ecs, "sleeps", ["sleep", "91827367"]), startedBy="e2e", tags=[{"key": "k", "value": "v"}]
        )
        task = self.wait_status(ecs, arn, "RUNNING")
        details = {item["name"]: item["value"] for item in task["attachments"][0]["details"]}
        self.assertRegex(details["privateIPv4Address"], r"^\d+\.\d+\.\d+\.\d+$")
        self.assertEqual(details["subnetId"], "subnet-local")
        self.assertIn(arn, ecs.list_tasks(startedBy="e2e")["taskArns"])
        described = ecs.describe_tasks(tasks=[arn], include=["TAGS"])["tasks"][0]
        self.assertEqual(described["tags"], [{"key": "k", "value": "v"}])
        ecs.stop_task(task=arn, reason="by the test")
        stopped = self.wait_status(ecs, arn, "STOPPED")
        self.assertEqual((stopped["stopCode"], stopped["stoppedReason"]), ("UserInitiated", "by the test"))
        self.assert_answers_match_the_model()

    def test_same_client_token_is_the_same_task(self):
        ecs = self.client("ecs")
        definition = self.register(ecs, "once", ["true"])
        first = self.run_task(ecs, definition, clientToken="token-1")
        self.assertEqual(self.run_task(ecs, definition, clientToken="token-1"), first)
        self.assertNotEqual(self.run_task(ecs, definition, clientToken="token-2"), first)

    def test_overrides_reach_the_container(self):
        ecs, logs = self.client("ecs"), self.client("logs")
        definition = self.register(ecs, "overridden", ["sh", "-c", "echo default"])
        arn = self.run_task(
            ecs,
            definition,
            overrides={
                "containerOverrides": [
                    {
                        "name": "main",
                        "command": ["sh", "-c", "echo $WORD"],
                        "environment": [{"name": "WORD", "value": "override"}],
                    }
                ]
            },
        )
        self.wait_status(ecs, arn, "STOPPED")
        stream = f"overridden/main/{arn.rsplit('/', 1)[1]}"
        wait_until(
            lambda: (
                [event["message"] for event in logs.get_log_events(logGroupName=GROUP, logStreamName=stream)["events"]]
                == ["override"]
            ),
            "the override's output",
            15,
        )

    def test_definitions_are_numbered_and_deregistered(self):
        ecs = self.client("ecs")
        first, second = (self.register(ecs, "numbered", ["true"]) for _ in range(2))
        self.assertEqual(second["revision"], first["revision"] + 1)
        self.assertEqual(
            ecs.describe_task_definition(taskDefinition="numbered")["taskDefinition"]["revision"], second["revision"]
        )
        ecs.deregister_task_definition(taskDefinition=second["taskDefinitionArn"])
        self.assertEqual(
            ecs.describe_task_definition(taskDefinition="numbered")["taskDefinition"]["revision"], first["revision"]
        )
        with self.assertRaises(botocore.exceptions.ClientError) as refused:
            ecs.run_task(
                taskDefinition=second["taskDefinitionArn"],
                launchType="FARGATE",
                networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-local"]}},
            )
        self.assertIn("inactive", str(refused.exception).lower())
        self.assert_answers_match_the_model()

    def test_missing_task_is_a_failure_with_200(self):
        reply = self.client("ecs").describe_tasks(tasks=["arn:aws:ecs:us-east-1:000000000000:task/default/" + "0" * 32])
        self.assertEqual((reply["tasks"], reply["failures"][0]["reason"]), ([], "MISSING"))

    def test_refusals_have_aws_codes(self):
        ecs, logs = self.client("ecs"), self.client("logs")
        for code, call in (
            ("ClientException", lambda: ecs.describe_task_definition(taskDefinition="no-such-family")),
            ("ClusterNotFoundException", lambda: ecs.list_tasks(cluster="no-such-cluster")),
            ("InvalidParameterException", lambda: ecs.stop_task(task="0" * 32)),
            ("ClientException", lambda: self.register(ecs, "odd", ["true"], cpu="300")),
            ("ClientException", lambda: self.register(ecs, "bridge", ["true"], networkMode="bridge")),
            ("ResourceNotFoundException", lambda: logs.get_log_events(logGroupName="/none", logStreamName="none")),
        ):
            with self.assertRaises(botocore.exceptions.ClientError) as refused:
                call()
            self.assertEqual(refused.exception.response["Error"]["Code"], code)

    def test_wrong_signatures_are_refused(self):
        for options, codes in (
            ({"secret": "wrong"}, ("InvalidSignatureException",)),
            ({"key": "AKIAUNKNOWN"}, ("UnrecognizedClientException",)),
        ):
            with self.assertRaises(botocore.exceptions.ClientError) as refused:
                self.client("ecs", **options).list_tasks()
            self.assertIn(refused.exception.response["Error"]["Code"], codes)

    def test_log_events_are_paged_and_filtered(self):
        logs = self.client("logs")
        logs.create_log_group(logGroupName="/pages")
        logs.create_log_stream(logGroupName="/pages", logStreamName="s")
        now = int(time.time() * 1000)
        logs.put_log_events(
            logGroupName="/pages",
            logStreamName="s",
            logEvents=[{"timestamp": now + n, "message": f"line {n}"} for n in range(10)],
        )
        first = logs.get_log_events(logGroupName="/pages", logStreamName="s", startFromHead=True, limit=4)
        self.assertEqual([event["message"] for event in first["events"]], [f"line {n}" for n in range(4)])
        second = logs.get_log_events(
            logGroupName="/pages", logStreamName="s", startFromHead=True, limit=100, nextToken=first["nextForwardToken"]
        )
        self.assertEqual([event["message"] for event in second["events"]], [f"line {n}" for n in range(4, 10)])
        last = logs.get_log_events(logGroupName="/pages", logStreamName="s", limit=2)
        self.assertEqual([event["message"] for event in last["events"]], ["line 8", "line 9"])
        cut = logs.get_log_events(
            logGroupName="/pages", logStreamName="s", startFromHead=True, startTime=now + 3, endTime=now + 6
        )
        self.assertEqual([event["message"] for event in cut["events"]], ["line 3", "line 4", "line 5"])
        streams = logs.describe_log_streams(logGroupName="/pages")["logStreams"]
        self.assertEqual([stream["logStreamName"] for stream in streams], ["s"])
        self.assert_answers_match_the_model()

    def test_caller_identity(self):
        self.assertEqual(self.client("sts").get_caller_identity()["Account"], "000000000000")

    @unittest.skipUnless(AWS_CLI, "this distribution has no awscli")
    def test_aws_cli(self):
        environment = clean_environment(
            {
                "AWS_ACCESS_KEY_ID": "local",
                "AWS_SECRET_ACCESS_KEY": "local",
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_EC2_METADATA_DISABLED": "true",
            }
        )

        def aws(*words):
            result = subprocess.run(
                [AWS_CLI, "--endpoint-url", self.cloud.endpoint, "--output", "json", *words],
                capture_output=True,
                text=True,
                timeout=60,
                env=environment,
                check=False,
            )
            self.assertEqual(result.returncode, 0, result.stderr)
            return json.loads(result.stdout) if result.stdout.strip() else None

        containers = [{"name": "main", "image": "busybox", "command": ["echo", "from the aws cli"]}]
        definition = aws(
            "ecs",
            "register-task-definition",
            "--family",
            "by-cli",
            "--network-mode",
            "awsvpc",
            "--requires-compatibilities",
            "FARGATE",
            "--cpu",
            "256",
            "--memory",
            "512",
            "--container-definitions",
            json.dumps(containers),
        )["taskDefinition"]["taskDefinitionArn"]
        task = aws(
            "ecs",
            "run-task",
            "--task-definition",
            definition,
            "--launch-type",
            "FARGATE",
            "--network-configuration",
            "awsvpcConfiguration={subnets=[subnet-local]}",
        )["tasks"][0]["taskArn"]
        aws("ecs", "wait", "tasks-stopped", "--tasks", task)
        self.assertEqual(aws("ecs", "describe-tasks", "--tasks", task)["tasks"][0]["containers"][0]["exitCode"], 0)
        self.assertIn(definition, aws("ecs", "list-task-definitions")["taskDefinitionArns"])
        self.assertIsNotNone(aws("ecs", "describe-clusters", "--clusters", "default")["clusters"])


class CloudCrash(CloudUser):
    deadline = 120

    def test_next_start_cleans_up(self):
        footprint = Footprint()
        self.cloud = self.use(SockerlessCloud(shared_registry()))
        ecs = self.client("ecs")
        self.wait_status(ecs, self.run_task(ecs, self.register(ecs, "lost", ["sleep", "91827368"])), "RUNNING")
        self.cloud.process.kill()
        self.cloud.start()
        wait_until(lambda: not processes_naming("sleep 91827368"), "the lost task has been ended", 30)
        self.cloud.process.stop(30)
        footprint.assert_gone(self, self.cloud.folder, "sleep 91827368")
