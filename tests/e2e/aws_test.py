"""What the daemon says to AWS and makes of its answers: against AWS's own models and a third party's AWS."""

import json
import os
import re
import subprocess
import tempfile
import urllib.request
from pathlib import Path

import botocore.session
from botocore.validate import ParamValidator
from support.aws_proxy import AwsProxy
from support.cloud import SockerlessCloud
from support.daemon import clean_environment
from support.moto import Moto
from support.paths import REPOSITORY, program
from support.processes import wait_until
from support.remote_daemon import RemoteSockerlessd

from e2e.base import EndToEnd, shared_registry

SERVICES = {"AmazonEC2ContainerServiceV20141113": "ecs", "Logs": "logs"}


def problems_in(request):
    """What botocore would not have sent: its validator's report, and members that the model does not have."""
    model = botocore.session.get_session().get_service_model(SERVICES[request.service])
    shape = model.operation_model(request.operation).input_shape
    report = ParamValidator().validate(request.parameters, shape)
    problems = [report.generate_report()] if report.has_errors() else []
    return problems + list(unknown_members(request.parameters, shape, request.operation))


def unknown_members(value, shape, path):
    if shape.type_name == "structure":
        for name, member in value.items():
            if name not in shape.members:
                yield f"{path}.{name} is not in the model"
            else:
                yield from unknown_members(member, shape.members[name], f"{path}.{name}")
    elif shape.type_name == "list":
        for item in value:
            yield from unknown_members(item, shape.member, path)


def boto(service, endpoint):
    return botocore.session.get_session().create_client(
        service,
        region_name="us-east-1",
        endpoint_url=endpoint,
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


class AgainstTheLocalCloud(EndToEnd):
    deadline = 180

    def connect(self, environment=None):
        self.cloud = self.use(SockerlessCloud(shared_registry()))
        self.proxy = self.use(AwsProxy(self.cloud.endpoint))
        self.daemon = self.use(
            RemoteSockerlessd(self.proxy.endpoint, shared_registry(), environment, ["--metrics", "127.0.0.1:0"])
        )
        self.docker = self.cli(self.daemon)

    def command(self, name, *arguments):
        environment = clean_environment(self.daemon.environment_of_aws())
        return subprocess.run(
            [program("sockerlessd"), name, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def test_every_request_is_one_that_botocore_would_send(self):
        self.connect()
        options = ["-e", "A=b", "-w", "/tmp", "--ulimit", "nofile=1024:2048", "--init", "--cap-drop", "ALL"]
        options += ["--cpus", "0.5", "-m", "1g", "--stop-timeout", "5", "-v", "data:/data", "-p", "80", "--read-only"]
        options += ["-l", "sockerless.ephemeral-storage=30", "-l", "sockerless.capacity=on-demand"]
        self.docker.ok("run", "-d", "--name", "box", *options, "busybox", "sleep", "300")
        self.docker.ok("logs", "box")
        explained = self.command("explain", "box", "--state-dir", self.daemon.state)
        for answered in ("RegisterTaskDefinition", "RunTask", "DescribeTasks"):
            self.assertRegex(explained.stdout, rf"(?m)^  \S+Z  {answered}  ok  .*request id \S+$")
        self.assertIn("RunTask accepted", explained.stdout)
        self.assertIn("now RUNNING", explained.stdout)
        self.docker.ok("rm", "-f", "box")
        wait_until(lambda: "DeregisterTaskDefinition" in self.proxy.operations(), "the definition's end")
        doctor = self.command("doctor")
        self.assertIn("ok    credentials", doctor.stdout)
        self.assertIn("ok    cluster", doctor.stdout)
        self.command("gc", "--instance", "x", "--state-dir", "none")
        asked = [request for request in self.proxy.requests if request.is_json]
        expected = {"RegisterTaskDefinition", "RunTask", "DescribeTasks", "StopTask", "ListTasks", "GetLogEvents"}
        self.assertLessEqual(expected, {request.operation for request in asked})
        self.assertEqual([problem for request in asked for problem in problems_in(request)], [])

    def test_metrics_are_prometheus_text(self):
        self.connect()
        self.docker.ok("run", "--name", "box", "busybox", "true")
        address = re.search(r"metrics are served address=tcp://(\S+)", self.daemon.log()).group(1)
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        for line in text.splitlines():
            self.assertRegex(line, r'^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"]*",?)+\})? [0-9.e+-]+)$')
        self.assertIn('sockerless_aws_calls_total{operation="RunTask",result="ok"} 1\n', text)
        self.assertIn('sockerless_containers{state="exited"} 1\n', text)
        self.assertRegex(text, r"sockerless_request_seconds_count [1-9]")


class AgainstMoto(EndToEnd):
    deadline = 400

    def test_doctor_and_the_daemons_start(self):
        moto = self.use(Moto())
        boto("ecs", moto.endpoint).create_cluster(clusterName="default")
        subnet = boto("ec2", moto.endpoint).describe_subnets()["Subnets"][0]["SubnetId"]
        account = boto("sts", moto.endpoint).get_caller_identity()["Account"]
        settings = {
            "SOCKERLESS_ECS_SUBNETS": subnet,
            "SOCKERLESS_ECS_EXECUTION_ROLE_ARN": f"arn:aws:iam::{account}:role/execution",
            "SOCKERLESS_ECS_LOG_GROUP": "/made-by-the-daemon",
            "SOCKERLESS_FETCH_IMAGE_CONFIG": "false",
        }
        proxy = self.use(AwsProxy(moto.endpoint))
        daemon = self.use(RemoteSockerlessd(proxy.endpoint, environment=settings))
        self.assertIn("log group made", daemon.log())
        environment = clean_environment(daemon.environment_of_aws())
        examined = subprocess.run(
            [program("sockerlessd"), "doctor", "--listen", daemon.address],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.assertEqual(examined.returncode, 0, examined.stdout)
        for checked in ("credentials", "cluster", "subnet", "log group", "execution role"):
            self.assertIn(f"ok    {checked}", examined.stdout)
        docker = self.cli(daemon)
        docker.ok("pull", "busybox")
        docker.ok("create", "--name", "box", "busybox", "true")
        families = boto("ecs", moto.endpoint).list_task_definition_families()["families"]
        self.assertEqual(len(families), 1)
        docker.ok("rm", "box")
        self.assertEqual([problem for asked in proxy.requests if asked.is_json for problem in problems_in(asked)], [])


class Deliverables(EndToEnd):
    def test_iam_policy_is_what_the_calls_need(self):
        subprocess.run([REPOSITORY / "tools" / "iam_policy.py", "--check"], check=True, timeout=30)
        text = (REPOSITORY / "deploy" / "terraform" / "daemon-policy.json.tftpl").read_text()
        actions = {action for statement in json.loads(text)["Statement"] for action in statement["Action"]}
        self.assertLessEqual({"ecs:RunTask", "ecs:TagResource", "logs:GetLogEvents", "iam:PassRole"}, actions)
        self.assertFalse([action for action in actions if "*" in action])

    def test_agent_image_is_pushed_without_docker(self):
        tool = REPOSITORY / "tools" / "oci_image.py"
        agent = program("sockerless-agent")
        binaries = ["--binary", f"amd64={agent}", "--binary", f"arm64={agent}"]
        registry = shared_registry()
        reference = f"127.0.0.1:{registry.port}/agent:1"
        pushed = self.output_of([tool, *binaries, "--push", reference])
        with tempfile.TemporaryDirectory() as folder:
            written = self.output_of([tool, *binaries, "--output", Path(folder) / "agent.tar"])
        self.assertEqual(pushed, written, "the same program is the same image")
        accept = {"Accept": "application/vnd.oci.image.index.v1+json"}
        asked = urllib.request.Request(f"http://127.0.0.1:{registry.port}/v2/agent/manifests/1", headers=accept)
        with urllib.request.urlopen(asked, timeout=10) as answer:
            index = json.load(answer)
        self.assertEqual([each["platform"]["architecture"] for each in index["manifests"]], ["amd64", "arm64"])

    @staticmethod
    def output_of(command):
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, stdin=subprocess.DEVNULL)
        return done.stdout.strip()

    def test_credentials_are_looked_for_and_said_so(self):
        environment = clean_environment({"HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true"})
        examined = subprocess.run(
            [program("sockerlessd"), "doctor", "--state-dir", os.devnull],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.assertEqual(examined.returncode, 1)
        self.assertIn("FAIL  credentials: no AWS credentials; looked for the environment", examined.stdout)
        self.assertIn("--ecs-subnets", examined.stdout)
        self.assertIn("--ecs-execution-role-arn", examined.stdout)
