"""What a task finds out about itself and its role at 169.254.170.2, asked from inside real tasks."""

import json
import re
import subprocess
import sys
import urllib.error
import urllib.request

import botocore.exceptions
from support.cloud import SockerlessCloud
from support.daemon import clean_environment
from support.paths import program, system_program
from support.processes import wait_until
from support.system import process_running

from e2e.base import shared_registry
from e2e.cloud_user import GROUP, CloudUser

ROLE = "arn:aws:iam::000000000000:role/path/app"

ASK_BOTO3 = """
import boto3
print(boto3.client("sts", endpoint_url=ENDPOINT, region_name="us-east-1").get_caller_identity()["Arn"])
"""


class Metadata(CloudUser):
    @classmethod
    def setUpClass(cls):
        cls.cloud = SockerlessCloud(shared_registry(), ["--admin", "127.0.0.1:0", "--listen", "0.0.0.0:0"])
        cls.cloud.endpoint = cls.cloud.endpoint.replace("0.0.0.0", "127.0.0.1")
        cls.services = [cls.cloud]

    @classmethod
    def tearDownClass(cls):
        cls.cloud.stop()

    def start(self, family, mark, **more):
        """A running task that sleeps: its ARN, and the process id of its command."""
        self.ecs = self.client("ecs")
        definition = self.register(self.ecs, family, ["sleep", mark], taskRoleArn=ROLE)
        arn = self.run_task(self.ecs, definition, **more)
        self.addCleanup(self.ecs.stop_task, task=arn)
        self.wait_status(self.ecs, arn, "RUNNING")
        pid = process_running(f"sleep {mark}")
        return arn, pid

    @staticmethod
    def environment_of(pid):
        with open(f"/proc/{pid}/environ", encoding="utf-8") as file:
            return dict(entry.split("=", 1) for entry in file.read().split("\0") if entry)

    @staticmethod
    def inside(pid, *command, environment=None):
        """Runs a program of this machine in the task's network."""
        return subprocess.run(
            ["nsenter", f"--net=/proc/{pid}/ns/net", *command],
            env=environment or clean_environment(),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def ask(self, pid, url):
        answer = self.inside(pid, "curl", "-sS", "--max-time", "10", url)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        return json.loads(answer.stdout)

    def test_environment_of_a_container(self):
        arn, pid = self.start("environment", "91820001")
        environment, task = self.environment_of(pid), arn.rpartition("/")[2]
        self.assertEqual(environment["AWS_EXECUTION_ENV"], "AWS_ECS_FARGATE")
        self.assertEqual((environment["AWS_REGION"], environment["AWS_DEFAULT_REGION"]), ("us-east-1", "us-east-1"))
        container = rf"{task}-\d{{10}}"
        self.assertRegex(environment["ECS_CONTAINER_METADATA_URI"], rf"^http://169\.254\.170\.2/v3/{container}$")
        self.assertRegex(environment["ECS_CONTAINER_METADATA_URI_V4"], rf"^http://169\.254\.170\.2/v4/{container}$")
        self.assertRegex(environment["ECS_AGENT_URI"], rf"^http://169\.254\.170\.2/api/{container}$")
        self.assertRegex(environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"], r"^/v2/credentials/[0-9a-f-]{36}$")
        self.assertRegex(environment["HOSTNAME"], r"^ip-\d+-\d+-\d+-\d+\.ec2\.internal$")

    def test_no_role_no_credentials(self):
        ecs = self.client("ecs")
        arn = self.run_task(ecs, self.register(ecs, "roleless", ["sleep", "91820002"]))
        self.addCleanup(ecs.stop_task, task=arn)
        self.wait_status(ecs, arn, "RUNNING")
        pid = process_running("sleep 91820002")
        self.assertNotIn("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", self.environment_of(pid))

    def test_container_and_task(self):
        arn, pid = self.start("metadata", "91820003", tags=[{"key": "team", "value": "blue"}])
        base = self.environment_of(pid)["ECS_CONTAINER_METADATA_URI_V4"]
        described = self.ecs.describe_tasks(tasks=[arn])["tasks"][0]
        container = self.ask(pid, base)
        self.assertEqual(container["DockerId"], described["containers"][0]["runtimeId"])
        self.assertEqual((container["Name"], container["Image"], container["Type"]), ("main", "busybox", "NORMAL"))
        self.assertEqual((container["DesiredStatus"], container["KnownStatus"]), ("RUNNING", "RUNNING"))
        self.assertEqual(container["ImageID"], described["containers"][0]["imageDigest"])
        self.assertEqual(container["ContainerARN"], described["containers"][0]["containerArn"])
        self.assertEqual(container["Labels"]["com.amazonaws.ecs.task-arn"], arn)
        self.assertEqual(container["Labels"]["com.amazonaws.ecs.task-definition-family"], "metadata")
        self.assertEqual(container["Limits"], {"CPU": 0, "Memory": 512})
        self.assertEqual(container["LogDriver"], "awslogs")
        self.assertEqual(container["LogOptions"]["awslogs-group"], GROUP)
        self.assertEqual(container["LogOptions"]["awslogs-stream"], f"metadata/main/{arn.rpartition('/')[2]}")
        network = container["Networks"][0]
        self.assertEqual(
            network["IPv4Addresses"], [described["containers"][0]["networkInterfaces"][0]["privateIpv4Address"]]
        )
        self.assertEqual(network["NetworkMode"], "awsvpc")
        self.assertRegex(container["StartedAt"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")

        task = self.ask(pid, base + "/task")
        self.assertEqual((task["TaskARN"], task["Cluster"]), (arn, described["clusterArn"]))
        self.assertEqual((task["Family"], task["Revision"]), ("metadata", "1"))
        self.assertEqual(task["Limits"], {"CPU": 0.25, "Memory": 512})
        self.assertEqual((task["KnownStatus"], task["LaunchType"]), ("RUNNING", "FARGATE"))
        self.assertEqual([each["DockerId"] for each in task["Containers"]], [container["DockerId"]])
        self.assertNotIn("TaskTags", task)
        self.assertEqual(self.ask(pid, base + "/taskWithTags")["TaskTags"], {"team": "blue"})

    def knock_at_the_gateway(self, pid):
        """Something is sent and received on the task's interface."""
        route = self.inside(pid, system_program("ip"), "route", "show", "default").stdout.split()
        answer = self.inside(pid, "busybox", "ping", "-c", "1", "-W", "10", route[route.index("via") + 1])
        self.assertEqual(answer.returncode, 0, answer.stderr)

    def test_statistics(self):
        arn, pid = self.start("measured", "91820004")
        self.knock_at_the_gateway(pid)
        base = self.environment_of(pid)["ECS_CONTAINER_METADATA_URI_V4"]
        first = self.ask(pid, base + "/stats")
        self.assertGreater(first["cpu_stats"]["cpu_usage"]["total_usage"], 0)
        self.assertGreater(first["cpu_stats"]["system_cpu_usage"], first["cpu_stats"]["cpu_usage"]["total_usage"])
        self.assertGreater(first["memory_stats"]["usage"], 0)
        self.assertEqual(first["memory_stats"]["limit"], 512 * 1024 * 1024)
        self.assertGreater(first["networks"]["eth1"]["rx_bytes"], 0)
        self.knock_at_the_gateway(pid)
        second = self.ask(pid, base + "/task/stats")
        ((identity, container),) = second.items()
        self.assertEqual(identity, first["id"])
        self.assertEqual(container["preread"], first["read"])
        self.assertGreater(container["network_rate_stats"]["rx_bytes_per_sec"], 0)
        self.assertGreater(container["networks"]["eth1"]["rx_bytes"], first["networks"]["eth1"]["rx_bytes"])
        self.assertIn(arn.rpartition("/")[2], identity)

    def test_busybox_asks_from_within(self):
        ecs, logs = self.client("ecs"), self.client("logs")
        script = 'wget -qO- "$ECS_CONTAINER_METADATA_URI_V4/task"'
        arn = self.run_task(ecs, self.register(ecs, "curious", ["sh", "-c", script]))
        self.assertEqual(self.wait_status(ecs, arn, "STOPPED")["containers"][0]["exitCode"], 0)
        stream = f"curious/main/{arn.rpartition('/')[2]}"
        events = logs.get_log_events(logGroupName=GROUP, logStreamName=stream, startFromHead=True)["events"]
        self.assertEqual(json.loads(events[0]["message"])["TaskARN"], arn)

    def test_unknown_ids_and_too_many_calls(self):
        _, pid = self.start("eager", "91820005")
        code = ("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}\n")
        self.assertEqual(self.inside(pid, *code, "http://169.254.170.2/v4/nobody-0").stdout, "404\n")
        unknown = self.ask(pid, "http://169.254.170.2/v2/credentials/0")
        self.assertEqual((unknown["code"], unknown["HTTPErrorCode"]), ("InvalidIdInRequest", 400))
        base = self.environment_of(pid)["ECS_CONTAINER_METADATA_URI_V4"]
        codes = self.inside(pid, *code, f"{base}?[1-150]").stdout.split()
        self.assertIn("429", codes)
        self.assertGreaterEqual(codes.count("200"), 60)

    def test_protection_is_for_services(self):
        arn, pid = self.start("unprotected", "91820006")
        uri = self.environment_of(pid)["ECS_AGENT_URI"]
        failure = self.ask(pid, uri + "/task-protection/v1/state")["failure"]
        self.assertEqual(failure, {"Arn": arn, "Reason": "TASK_NOT_VALID"})

    def task_environment(self, pid):
        own = self.environment_of(pid)
        names = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_REGION", "AWS_EXECUTION_ENV")
        return clean_environment({"HOME": "/nonexistent", **{name: own[name] for name in names}})

    def endpoint_inside(self):
        return f"http://{self.cloud.gateway}:{self.cloud.endpoint.rpartition(':')[2]}"

    def test_boto3_in_a_task_has_the_tasks_role(self):
        arn, pid = self.start("roleplay", "91820007")
        script = f"ENDPOINT = {self.endpoint_inside()!r}\n{ASK_BOTO3}"
        asked = self.inside(pid, sys.executable, "-c", script, environment=self.task_environment(pid))
        self.assertEqual(asked.returncode, 0, asked.stderr)
        task = arn.rpartition("/")[2]
        self.assertEqual(asked.stdout.strip(), f"arn:aws:sts::000000000000:assumed-role/app/{task}")

    def test_our_own_credential_chain_in_a_task(self):
        _, pid = self.start("chain", "91820008")
        environment = {**self.task_environment(pid), "AWS_ENDPOINT_URL": self.endpoint_inside()}
        asked = self.inside(pid, program("sockerlessd"), "doctor", "--state-dir", "none", environment=environment)
        self.assertRegex(asked.stdout, r"ok    credentials: .*container", asked.stdout + asked.stderr)

    def test_credentials_of_a_role_expire(self):
        _, pid = self.start("expiring", "91820009")
        uri = self.environment_of(pid)["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]
        given = self.ask(pid, "http://169.254.170.2" + uri)
        self.assertEqual(given["RoleArn"], ROLE)
        self.assertRegex(given["Expiration"], r"^\d{4}-.*Z$")
        again = self.ask(pid, "http://169.254.170.2" + uri)
        self.assertEqual(again, given)
        use = {"key": given["AccessKeyId"], "secret": given["SecretAccessKey"]}
        self.client("ecs", **use, token=given["Token"]).list_tasks()
        for token, code in (("other", "UnrecognizedClientException"), (None, "UnrecognizedClientException")):
            with self.assertRaises(botocore.exceptions.ClientError) as refused:
                self.client("ecs", **use, token=token).list_tasks()
            self.assertEqual(refused.exception.response["Error"]["Code"], code)
        self.addCleanup(self.cloud.admin.reset)
        self.cloud.admin.change(clockSkewMs=7 * 3600 * 1000)
        with self.assertRaises(botocore.exceptions.ClientError) as refused:
            self.client("ecs", **use, token=given["Token"]).list_tasks()
        self.assertEqual(refused.exception.response["Error"]["Code"], "ExpiredTokenException")

    def test_nobody_else_reaches_it(self):
        _, pid = self.start("private", "91820010")
        base = self.environment_of(pid)["ECS_CONTAINER_METADATA_URI_V4"]
        with self.assertRaises((urllib.error.URLError, TimeoutError)):
            urllib.request.urlopen(base, timeout=1)
        listening = subprocess.run(["ss", "-Hltn"], capture_output=True, text=True, check=True, timeout=10).stdout
        self.assertIsNone(re.search(r"169\.254\.170\.2", listening))

    def test_a_users_own_server_on_port_80_is_not_disturbed(self):
        ecs = self.client("ecs")
        arn = self.run_task(ecs, self.register(ecs, "web", ["sh", "-c", "echo hi > /index.html; httpd -f -h / -p 80"]))
        self.addCleanup(ecs.stop_task, task=arn)
        task = self.wait_status(ecs, arn, "RUNNING")
        address = task["containers"][0]["networkInterfaces"][0]["privateIpv4Address"]

        def page():
            try:
                with urllib.request.urlopen(f"http://{address}/", timeout=2) as answer:
                    return answer.read()
            except OSError:
                return None

        self.assertEqual(wait_until(page, "the task's server answers", 15), b"hi\n")
