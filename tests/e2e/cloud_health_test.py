"""Health checks, dependencies between containers and stop time-outs of sockerless-cloud, with real containers."""

from support.cloud import SockerlessCloud
from support.processes import wait_until
from support.system import processes_naming

from e2e.base import shared_registry
from e2e.cloud_test import CloudUser


def container(name, command, **more):
    return {"name": name, "image": "busybox", "command": ["sh", "-c", command], "stopTimeout": 2, **more}


class CloudHealth(CloudUser):
    deadline = 120

    @classmethod
    def setUpClass(cls):
        cls.cloud = SockerlessCloud(shared_registry())
        cls.services = [cls.cloud]

    @classmethod
    def tearDownClass(cls):
        cls.cloud.stop()

    def start(self, ecs, family, *containers):
        definition = self.register(ecs, family, ["true"], containerDefinitions=list(containers))
        return self.run_task(ecs, definition)

    def described(self, ecs, arn):
        task = ecs.describe_tasks(tasks=[arn])["tasks"][0]
        return task, {each["name"]: each for each in task["containers"]}

    def wait_health(self, ecs, arn, status):
        return wait_until(
            lambda: (task := self.described(ecs, arn)[0])["healthStatus"] == status and task, f"it is {status}", 60
        )

    def test_app_starts_when_its_database_is_healthy(self):
        ecs = self.client("ecs")
        check = {"command": ["CMD-SHELL", "test -e /tmp/ready"], "interval": 5, "retries": 1}
        arn = self.start(
            ecs,
            "healthy",
            container("app", "sleep 91827381", dependsOn=[{"containerName": "db", "condition": "HEALTHY"}]),
            container("db", "touch /tmp/ready; sleep 91827382", healthCheck=check),
        )
        wait_until(lambda: processes_naming("sleep 91827382"), "the database runs")
        task, containers = self.described(ecs, arn)
        self.assertEqual((task["lastStatus"], containers["app"]["lastStatus"]), ("ACTIVATING", "PENDING"))
        task = self.wait_status(ecs, arn, "RUNNING")
        self.assertEqual(task["healthStatus"], "HEALTHY")
        ecs.stop_task(task=arn)
        self.wait_status(ecs, arn, "STOPPED")
        self.assertEqual(processes_naming("sleep 9182738"), {})
        self.assert_answers_match_the_model()

    def test_check_sees_the_containers_own_environment_and_user(self):
        ecs = self.client("ecs")
        command = 'test "$WORD" = here && test "$(id -u)" = 65534 && test "$PWD" = /tmp'
        arn = self.start(
            ecs,
            "same-process",
            container(
                "main",
                "sleep 91827383",
                user="65534",
                workingDirectory="/tmp",
                environment=[{"name": "WORD", "value": "here"}],
                healthCheck={"command": ["CMD-SHELL", command], "interval": 5, "retries": 1},
            ),
        )
        self.wait_health(ecs, arn, "HEALTHY")
        ecs.stop_task(task=arn)
        self.wait_status(ecs, arn, "STOPPED")

    def test_check_that_hangs_is_killed_and_is_a_failure(self):
        ecs = self.client("ecs")
        check = {"command": ["CMD", "sleep", "91827384"], "interval": 5, "timeout": 2, "retries": 1}
        arn = self.start(ecs, "hangs", container("main", "sleep 91827385", healthCheck=check))
        self.wait_health(ecs, arn, "UNHEALTHY")
        # Nobody restarts a task that was started by hand: it runs on.
        self.assertEqual(self.described(ecs, arn)[0]["lastStatus"], "RUNNING")
        ecs.stop_task(task=arn)
        self.wait_status(ecs, arn, "STOPPED")
        wait_until(lambda: not processes_naming("sleep 9182738"), "check and command have ended")

    def test_start_timeout_ends_the_wait(self):
        ecs = self.client("ecs")
        arn = self.start(
            ecs,
            "too-slow",
            container("app", "true", dependsOn=[{"containerName": "init", "condition": "SUCCESS"}]),
            container("init", "sleep 91827386", essential=False, startTimeout=2),
        )
        task = self.wait_status(ecs, arn, "STOPPED")
        containers = {each["name"]: each for each in task["containers"]}
        self.assertEqual(task["stopCode"], "TaskFailedToStart")
        self.assertIn("[init] for target [app] has timed out", containers["app"]["reason"])
        self.assertNotIn("exitCode", containers["app"])
        self.assertEqual(containers["init"]["exitCode"], 137)

    def test_order_of_start_and_reverse_order_of_stop(self):
        ecs = self.client("ecs")
        say_when = "trap 'exit 0' TERM; while :; do sleep 0.1; done"
        arn = self.start(
            ecs,
            "ordered",
            container("app", say_when, dependsOn=[{"containerName": "db", "condition": "START"}]),
            container("db", say_when, dependsOn=[{"containerName": "init", "condition": "COMPLETE"}]),
            container("init", "exit 3", essential=False),
        )
        task = self.wait_status(ecs, arn, "RUNNING")
        codes = {each["name"]: each.get("exitCode") for each in task["containers"]}
        self.assertEqual(codes, {"app": None, "db": None, "init": 3})
        ecs.stop_task(task=arn)
        stopped = self.wait_status(ecs, arn, "STOPPED")
        codes = {each["name"]: each["exitCode"] for each in stopped["containers"]}
        self.assertEqual(codes, {"app": 0, "db": 0, "init": 3})

    def test_stop_timeout_is_the_containers_own(self):
        ecs = self.client("ecs")
        arn = self.start(
            ecs,
            "stubborn",
            container("deaf", "trap '' TERM; while :; do sleep 0.1; done"),
            container("polite", "trap 'exit 5' TERM; while :; do sleep 0.1; done", essential=False),
        )
        self.wait_status(ecs, arn, "RUNNING")
        ecs.stop_task(task=arn)
        task = self.wait_status(ecs, arn, "STOPPED")
        self.assertEqual({each["name"]: each["exitCode"] for each in task["containers"]}, {"deaf": 137, "polite": 5})
        seconds = (task["stoppedAt"] - task["stoppingAt"]).total_seconds()
        self.assertTrue(1.9 < seconds < 10, seconds)
