"""What the tests of the local cloud have in common: AWS's own clients, and small tasks."""

import boto3
import botocore.config
from support.processes import wait_until

from e2e.base import EndToEnd
from e2e.botocore_shapes import problems_in_answer

GROUP = "/e2e"


class CloudUser(EndToEnd):
    """What the tests below do with a local cloud, `self.cloud`."""

    cloud = None

    def setUp(self):
        self.problems = []  # what in the answers is not as AWS describes it

    def client(self, service, secret="local", key="local"):
        """A boto3 client that checks every answer against the service's model."""
        client = boto3.client(
            service,
            endpoint_url=self.cloud.endpoint,
            region_name="us-east-1",
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=botocore.config.Config(retries={"max_attempts": 0}, connect_timeout=5, read_timeout=60),
        )

        def check(operation_model, response_dict, **_):
            if response_dict["status_code"] == 200:
                self.problems.extend(problems_in_answer(operation_model, response_dict["body"]))

        client.meta.events.register(f"before-parse.{service}", check)
        return client

    def assert_answers_match_the_model(self):
        self.assertEqual(self.problems, [])

    def register(self, ecs, family, command, stop_timeout=2, **changes):
        definition = {
            "family": family,
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "cpu": "256",
            "memory": "512",
            "executionRoleArn": "arn:aws:iam::000000000000:role/execution",
            "containerDefinitions": [
                {
                    "name": "main",
                    "image": "busybox",
                    "essential": True,
                    "command": command,
                    "stopTimeout": stop_timeout,
                    "logConfiguration": {
                        "logDriver": "awslogs",
                        "options": {
                            "awslogs-group": GROUP,
                            "awslogs-region": "us-east-1",
                            "awslogs-stream-prefix": family,
                            "awslogs-create-group": "true",
                        },
                    },
                }
            ],
        }
        definition.update(changes)
        return ecs.register_task_definition(**definition)["taskDefinition"]

    def run_task(self, ecs, definition, **more):
        reply = ecs.run_task(
            taskDefinition=definition["taskDefinitionArn"],
            launchType="FARGATE",
            count=1,
            networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-local"]}},
            **more,
        )
        self.assertEqual(reply["failures"], [])
        return reply["tasks"][0]["taskArn"]

    def wait_status(self, ecs, arn, status):
        def reached():
            task = ecs.describe_tasks(tasks=[arn])["tasks"][0]
            if status != "STOPPED" and task["lastStatus"] == "STOPPED":
                self.fail(f"the task has stopped: {task.get('stoppedReason')}")
            return task if task["lastStatus"] == status else None

        return wait_until(reached, f"the task is {status}", 60, interval=0.1)
