"""Secrets of a task definition, from the file that stands for Secrets Manager and the Parameter Store."""

import json
import shutil
import tempfile
from pathlib import Path

from e2e.cloud_user import GROUP, ApiUser

SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:db-AbCdEf"
PARAMETER = "arn:aws:ssm:us-east-1:000000000000:parameter/app/level"


class Secrets(ApiUser):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="sockerless-secrets-"))
        cls.options = ("--secrets", str(cls.folder / "secrets.json"))
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        shutil.rmtree(cls.folder)

    def write(self, secrets):
        (self.folder / "secrets.json").write_text(json.dumps(secrets), encoding="utf-8")

    def run_with(self, family, secrets, **changes):
        container = {
            "name": "main",
            "image": "busybox",
            "command": ["sh", "-c", "echo $PASSWORD,$LEVEL"],
            "secrets": [{"name": name, "valueFrom": source} for name, source in secrets.items()],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": GROUP,
                    "awslogs-region": "us-east-1",
                    "awslogs-stream-prefix": family,
                    "awslogs-create-group": "true",
                },
            },
            **changes,
        }
        definition = self.register(self.ecs, family, [], containerDefinitions=[container])
        arn = self.launch(definition)["tasks"][0]["taskArn"]
        return self.wait_status(self.ecs, arn, "STOPPED")

    def test_they_are_in_the_environment(self):
        self.write({"db": json.dumps({"password": "hunter2"}), "/app/level": "debug"})
        task = self.run_with("secretive", {"PASSWORD": SECRET + ":password::", "LEVEL": PARAMETER})
        self.assertEqual(task["stopCode"], "EssentialContainerExited")
        stream = f"secretive/main/{task['taskArn'].rpartition('/')[2]}"
        events = self.logs.get_log_events(logGroupName=GROUP, logStreamName=stream)["events"]
        self.assertEqual([event["message"] for event in events], ["hunter2,debug"])
        self.assertNotIn("hunter2", json.dumps(task, default=str) + self.cloud.log())
        self.write({"db": json.dumps({"password": "changed"}), "/app/level": "info"})
        task = self.run_with("secretive", {"PASSWORD": SECRET + ":password::", "LEVEL": "/app/level"})
        stream = f"secretive/main/{task['taskArn'].rpartition('/')[2]}"
        events = self.logs.get_log_events(logGroupName=GROUP, logStreamName=stream)["events"]
        self.assertEqual([event["message"] for event in events], ["changed,info"])

    def test_a_missing_one_is_fargates_reason(self):
        self.write({})
        begin = "ResourceInitializationError: unable to pull secrets or registry auth: "
        begin += "execution resource retrieval failed: unable to retrieve "
        for source, words in (
            (SECRET, "secret from asm: service call has been retried 1 time(s): failed to fetch secret"),
            (PARAMETER, "secrets from ssm: "),
        ):
            task = self.run_with("missing", {"PASSWORD": source})
            self.assertEqual(task["stopCode"], "TaskFailedToStart")
            self.assertTrue(task["stoppedReason"].startswith(begin + words), task["stoppedReason"])
            self.assertNotIn("startedAt", task)

    def test_what_registration_refuses(self):
        twice = {"environment": [{"name": "PASSWORD", "value": "x"}]}
        code, message = self.refusal(self.run_with, "double", {"PASSWORD": SECRET}, **twice)
        self.assertEqual(code, "ClientException")
        self.assertTrue(message.startswith("The secret name must be unique and not shared"), message)
