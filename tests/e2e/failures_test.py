"""What a user sees when AWS, an image or a task fails, and that nothing is left of it."""

from support.cloud import AwsImposter, SockerlessCloud
from support.daemon import Sockerlessd
from support.processes import wait_until
from support.remote_daemon import RemoteSockerlessd

from e2e.base import EndToEnd, shared_registry


class LocalFailures(EndToEnd):
    """With the local cloud."""

    deadline = 120

    @classmethod
    def setUpClass(cls):
        cls.daemon = Sockerlessd(shared_registry())
        cls.services = [cls.daemon]

    @classmethod
    def tearDownClass(cls):
        cls.daemon.stop()

    def test_image_that_cannot_be_pulled_by_the_task(self):
        docker = self.cli(self.daemon)
        docker.ok("create", "--name", "unpullable", "127.0.0.1:1/no/such:image", "true")
        result = docker("start", "unpullable")
        self.assert_refused(result, "127.0.0.1:1/no/such:image")
        self.assertEqual(
            docker.ok("inspect", "-f", "{{.State.Status}} {{.State.Running}}", "unpullable"), "created false"
        )
        docker.ok("rm", "unpullable")

    def test_image_that_the_registry_does_not_have(self):
        docker = self.cli(self.daemon)
        result = docker("run", "--rm", f"{shared_registry().host}/no/such:image", "true")
        self.assertEqual(result.exit_code, 125)
        self.assert_refused(result, "not found")
        self.assertEqual(docker.ok("ps", "-aq"), "")

    def test_synthetic_image_without_a_command(self):
        result = self.cli(self.daemon)("create", "127.0.0.1:1/no/such:image")
        self.assert_refused(result, "command")


class AwsFailures(EndToEnd):
    """With an AWS that misbehaves in one way."""

    deadline = 150

    def daemon(self, endpoint, environment=None, options=()):
        daemon = self.use(RemoteSockerlessd(endpoint, shared_registry(), environment=environment, options=options))
        return daemon

    def imposter(self, **answers):
        imposter = AwsImposter(answers)
        self.addCleanup(imposter.stop)
        return imposter

    def assert_no_records(self, docker):
        self.assertEqual(docker.ok("ps", "-aq"), "")

    def refusal_at_start(self, endpoint, environment=None):
        """What a daemon writes that cannot work with this AWS and ends at once."""
        daemon = self.use(RemoteSockerlessd(endpoint, shared_registry(), environment=environment, start=False))
        daemon.launch()
        wait_until(lambda: not daemon.process.is_running(), "the daemon has given up", 60)
        self.assertNotEqual(daemon.terminate(), 0)
        return daemon.log().lower()

    def test_connection_refused_at_start(self):
        said = self.refusal_at_start("http://127.0.0.1:1")
        self.assertIn("refused", said)
        self.assertIn("127.0.0.1:1", said)

    def test_connection_refused_later(self):
        imposter = AwsImposter()
        docker = self.cli(self.daemon(imposter.endpoint))
        docker.ok("pull", "busybox")
        imposter.stop()
        self.assert_refused(docker("create", "busybox", "true", seconds=100), "refused")
        self.assert_no_records(docker)

    def test_wrong_secret(self):
        cloud = self.use(SockerlessCloud(shared_registry()))
        said = self.refusal_at_start(cloud.endpoint, {"AWS_SECRET_ACCESS_KEY": "not-the-secret"})
        self.assertIn("signature", said)
        self.assertNotIn("not-the-secret", said)

    def test_unknown_access_key(self):
        cloud = self.use(SockerlessCloud(shared_registry()))
        said = self.refusal_at_start(cloud.endpoint, {"AWS_ACCESS_KEY_ID": "AKIAUNKNOWN"})
        self.assertIn("security token", said)

    def test_no_credentials(self):
        said = self.refusal_at_start("http://127.0.0.1:1", {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""})
        self.assertIn("credentials", said)
        self.assertIn("aws_access_key_id", said)

    def test_credentials_expire(self):
        expired = {
            "__type": "ExpiredTokenException",
            "message": "The security token included in the request is expired",
        }
        imposter = self.imposter(RegisterTaskDefinition=(400, expired))
        docker = self.cli(self.daemon(imposter.endpoint))
        self.assert_refused(docker("create", "busybox", "true"), "expired")
        self.assert_no_records(docker)

    def test_register_is_refused(self):
        imposter = self.imposter(
            RegisterTaskDefinition=(400, {"__type": "ClientException", "message": "Role is not valid"})
        )
        docker = self.cli(self.daemon(imposter.endpoint))
        self.assert_refused(docker("create", "busybox", "true"), "role is not valid")
        self.assert_no_records(docker)
        self.assertEqual(imposter.called("RunTask"), [])

    def test_run_task_with_failures(self):
        imposter = self.imposter(
            RunTask={
                "tasks": [],
                "failures": [
                    {
                        "arn": "arn:aws:ecs:us-east-1:000000000000:cluster/default",
                        "reason": "RESOURCE:FARGATE",
                        "detail": "none left",
                    }
                ],
            }
        )
        docker = self.cli(self.daemon(imposter.endpoint))
        docker.ok("create", "--name", "box", "busybox", "true")
        self.assert_refused(docker("start", "box", seconds=100), "RESOURCE:FARGATE")
        self.assertEqual(docker.ok("inspect", "-f", "{{.State.Status}} {{.State.Running}}", "box"), "created false")
        docker.ok("rm", "box")
        wait_until(lambda: imposter.called("DeregisterTaskDefinition"), "the task definition is deregistered")

    def test_run_task_is_denied(self):
        imposter = self.imposter(
            RunTask=(
                400,
                {"__type": "AccessDeniedException", "message": "User is not authorized to perform: ecs:RunTask"},
            )
        )
        docker = self.cli(self.daemon(imposter.endpoint))
        docker.ok("create", "--name", "box", "busybox", "true")
        self.assert_refused(docker("start", "box"), "not authorized to perform: ecs:RunTask")
        self.assertEqual(docker.ok("inspect", "-f", "{{.State.Status}}", "box"), "created")

    def test_throttling_is_retried(self):
        imposter = self.imposter()
        refused = (400, {"__type": "ThrottlingException", "message": "Rate exceeded"})
        register = imposter.answers["RegisterTaskDefinition"]
        imposter.answers["RegisterTaskDefinition"] = [refused, refused, register]
        docker = self.cli(self.daemon(imposter.endpoint))
        docker.ok("create", "--name", "box", "busybox", "true")
        self.assertEqual(len(imposter.called("RegisterTaskDefinition")), 3)

    def test_task_that_stops_before_it_runs(self):
        imposter = self.imposter(
            RunTask=self._run_task,
            DescribeTasks=lambda body: {
                "failures": [],
                "tasks": [
                    self._task(
                        arn,
                        "STOPPED",
                        stopCode="TaskFailedToStart",
                        stoppedReason="CannotPullContainerError: pull image manifest has been retried 1 time(s)",
                    )
                    for arn in body["tasks"]
                ],
            },
        )
        docker = self.cli(self.daemon(imposter.endpoint))
        docker.ok("create", "--name", "box", "busybox", "true")
        self.assert_refused(docker("start", "box", seconds=100), "CannotPullContainerError")
        self.assertEqual(docker.ok("inspect", "-f", "{{.State.Status}} {{.State.Running}}", "box"), "created false")
        docker.ok("rm", "box")

    def test_task_that_never_starts(self):
        imposter = self.imposter(
            RunTask=self._run_task,
            DescribeTasks=lambda body: {
                "failures": [],
                "tasks": [self._task(arn, "PROVISIONING") for arn in body["tasks"]],
            },
        )
        docker = self.cli(self.daemon(imposter.endpoint, {"SOCKERLESS_START_WAIT": "2s"}))
        docker.ok("create", "--name", "box", "busybox", "true")
        # start answers when its own time is over; the container is then being launched, and can be given up.
        docker("start", "box", seconds=60)
        docker.ok("rm", "-f", "box", seconds=60)
        wait_until(lambda: imposter.called("StopTask"), "the task is stopped")
        self.assert_no_records(docker)

    @staticmethod
    def _run_task(body):
        arn = "arn:aws:ecs:us-east-1:000000000000:task/default/" + "a" * 32
        return {
            "tasks": [AwsFailures._task(arn, "PROVISIONING", taskDefinitionArn=body["taskDefinition"])],
            "failures": [],
        }

    @staticmethod
    def _task(arn, status, **more):
        return {
            "taskArn": arn,
            "clusterArn": "arn:aws:ecs:us-east-1:000000000000:cluster/default",
            "lastStatus": status,
            "desiredStatus": "RUNNING",
            "launchType": "FARGATE",
            "attachments": [],
            "version": 1,
            "containers": [{"name": "main", "lastStatus": status, "taskArn": arn}],
            **more,
        }
