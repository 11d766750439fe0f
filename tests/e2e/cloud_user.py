"""What the tests of the local cloud have in common: AWS's own clients, and small tasks."""

import boto3
import botocore.config
import botocore.exceptions
from support.cloud import SockerlessCloud
from support.processes import wait_until

from e2e.base import EndToEnd, shared_registry
from e2e.botocore_shapes import problems_in_answer

GROUP = "/e2e"
NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-local"]}}


class CloudUser(EndToEnd):
    """What the tests below do with a local cloud, `self.cloud`."""

    cloud = None

    def setUp(self):
        self.problems = []  # what in the answers is not as AWS describes it

    def client(self, service, secret="local", key="local", token=None):
        """A boto3 client that checks every answer against the service's model."""
        client = boto3.client(
            service,
            endpoint_url=self.cloud.endpoint,
            region_name="us-east-1",
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=botocore.config.Config(
                retries={"max_attempts": 0}, connect_timeout=5, read_timeout=60, parameter_validation=False
            ),
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


class ApiUser(CloudUser):
    """One cloud for all tests of a class; every answer must be as the model says."""

    options = ()

    @classmethod
    def setUpClass(cls):
        cls.cloud = SockerlessCloud(shared_registry(), ["--admin", "127.0.0.1:0", *cls.options])
        cls.services = [cls.cloud]

    @classmethod
    def tearDownClass(cls):
        cls.cloud.stop()

    def setUp(self):
        super().setUp()
        self.ecs, self.logs = self.client("ecs"), self.client("logs")

    def tearDown(self):
        self.assert_answers_match_the_model()

    def refusal(self, call, *arguments, **options):
        with self.assertRaises(botocore.exceptions.ClientError) as refused:
            call(*arguments, **options)
        error = refused.exception.response["Error"]
        return error["Code"], error["Message"]

    def assert_code(self, code, call, *arguments, **options):
        self.assertEqual(self.refusal(call, *arguments, **options)[0], code)

    def launch(self, definition, **more):
        arguments = {"launchType": "FARGATE", "networkConfiguration": NETWORK, **more}
        return self.ecs.run_task(
            taskDefinition=definition["taskDefinitionArn"],
            **{name: value for name, value in arguments.items() if value is not None},
        )

    def stop_all(self):
        for arn in self.ecs.get_paginator("list_tasks").paginate().build_full_result()["taskArns"]:
            self.ecs.stop_task(task=arn)
