"""The local cloud's ECS by boto3: every operation and every parameter that a Fargate user gives."""

import datetime
import json
import re

from support.paths import REPOSITORY

from e2e.cloud_user import ApiUser

GOLDEN = REPOSITORY / "tests" / "vectors" / "ecs-tasks"

KINDS = (
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID"),
    (r"[0-9a-f]{32}-\d{10}", "RUNTIME-ID"),
    (r"\b[0-9a-f]{32}\b", "TASK-ID"),
    (r"sha256:[0-9a-f]{64}", "DIGEST"),
    (r"eni-0[0-9a-f]{16}", "ENI"),
    (r"([0-9a-f]{2}:){5}[0-9a-f]{2}", "MAC"),
    (r"ip-\d+-\d+-\d+-\d+", "ip-ADDRESS"),
    (r"^\d+\.\d+\.\d+\.\d+$", "ADDRESS"),
    (r"^(x86_64|arm64)$", "ARCHITECTURE"),
)


def with_kinds(text):
    for pattern, kind in KINDS:
        text = re.sub(pattern, kind, text)
    return text


class Clusters(ApiUser):
    def test_every_call(self):
        made = self.ecs.create_cluster(
            clusterName="blue",
            tags=[{"key": "team", "value": "blue"}],
            settings=[{"name": "containerInsights", "value": "enabled"}],
            capacityProviders=["FARGATE", "FARGATE_SPOT"],
            defaultCapacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}],
        )["cluster"]
        self.assertEqual((made["clusterName"], made["status"]), ("blue", "ACTIVE"))
        self.assertEqual(self.ecs.create_cluster(clusterName="blue")["cluster"]["clusterArn"], made["clusterArn"])
        plain = self.ecs.describe_clusters(clusters=["blue"])["clusters"][0]
        self.assertEqual((plain["tags"], plain["settings"]), ([], []))
        full = self.ecs.describe_clusters(
            clusters=[made["clusterArn"], "none"], include=["TAGS", "SETTINGS", "STATISTICS", "CONFIGURATIONS"]
        )
        self.assertEqual(full["clusters"][0]["tags"], [{"key": "team", "value": "blue"}])
        self.assertEqual(full["failures"][0]["reason"], "MISSING")
        self.assertIn(made["clusterArn"], self.ecs.list_clusters()["clusterArns"])
        self.assert_code("InvalidParameterException", self.ecs.create_cluster, clusterName="not/valid")
        self.assert_code("InvalidParameterException", self.ecs.create_cluster, capacityProviders=["EC2"])
        self.assert_code("InvalidParameterException", self.ecs.describe_clusters, clusters=["x"] * 101)

    def test_listing_is_paged(self):
        for number in range(7):
            self.ecs.create_cluster(clusterName=f"page-{number}")
        pages = list(self.ecs.get_paginator("list_clusters").paginate(PaginationConfig={"PageSize": 3}))
        names = [arn.rpartition("/")[2] for page in pages for arn in page["clusterArns"]]
        self.assertGreaterEqual(len(pages), 3)
        self.assertEqual(len(names), len(set(names)))
        self.assertLessEqual({f"page-{number}" for number in range(7)}, set(names))
        self.assert_code("InvalidParameterException", self.ecs.list_clusters, nextToken="made up")
        self.assert_code("InvalidParameterException", self.ecs.list_clusters, maxResults=101)


class TaskDefinitions(ApiUser):
    def test_every_call(self):
        first = self.register(self.ecs, "calls", ["true"], tags=[{"key": "a", "value": "1"}])
        second = self.register(self.ecs, "calls", ["false"])
        self.assertEqual((first["revision"], second["revision"]), (1, 2))
        self.assertEqual((first["status"], first["compatibilities"]), ("ACTIVE", ["EC2", "FARGATE"]))
        described = self.ecs.describe_task_definition(taskDefinition="calls:1", include=["TAGS"])
        self.assertEqual(described["tags"], [{"key": "a", "value": "1"}])
        self.assertEqual(described["taskDefinition"], first)
        gone = self.ecs.deregister_task_definition(taskDefinition="calls:2")["taskDefinition"]
        self.assertEqual(gone["status"], "INACTIVE")
        self.assertIn("deregisteredAt", gone)
        self.assertEqual(self.ecs.describe_task_definition(taskDefinition="calls")["taskDefinition"]["revision"], 1)
        deleted = self.ecs.delete_task_definitions(taskDefinitions=["calls:2", "calls:1"])
        self.assertEqual([each["status"] for each in deleted["taskDefinitions"]], ["DELETE_IN_PROGRESS"])
        self.assertEqual(len(deleted["failures"]), 1)
        self.assertEqual(self.register(self.ecs, "calls", ["true"])["revision"], 3)
        self.assert_code("ClientException", self.ecs.deregister_task_definition, taskDefinition="calls:9")
        self.assert_code("ClientException", self.ecs.describe_task_definition, taskDefinition="calls:9")
        self.assert_code("InvalidParameterException", self.ecs.delete_task_definitions, taskDefinitions=["a:1"] * 11)

    def test_what_the_server_fills_in(self):
        container = {"name": "web", "image": "busybox", "portMappings": [{"containerPort": 80}]}
        shown = self.register(self.ecs, "filled", [], containerDefinitions=[container])["containerDefinitions"][0]
        self.assertEqual(shown["portMappings"], [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}])
        self.assertEqual((shown["cpu"], shown["essential"]), (0, True))
        for name in ("environment", "mountPoints", "volumesFrom", "systemControls"):
            self.assertEqual(shown[name], [])

    def test_listing(self):
        for family in ("list-a", "list-b"):
            for _ in range(5):
                self.register(self.ecs, family, ["true"])
        self.ecs.deregister_task_definition(taskDefinition="list-b:5")

        def listed(**options):
            paginator = self.ecs.get_paginator("list_task_definitions")
            pages = paginator.paginate(**options, PaginationConfig={"PageSize": 2})
            return [arn.rpartition("/")[2] for page in pages for arn in page["taskDefinitionArns"]]

        self.assertEqual(listed(familyPrefix="list-a"), [f"list-a:{n}" for n in range(1, 6)])
        self.assertEqual(listed(familyPrefix="list-a", sort="DESC"), [f"list-a:{n}" for n in range(5, 0, -1)])
        self.assertEqual(listed(familyPrefix="list-b", status="INACTIVE"), ["list-b:5"])
        self.assertEqual(listed(familyPrefix="list-"), [])  # the whole name of a family
        families = self.ecs.list_task_definition_families(familyPrefix="list-", status="ACTIVE")["families"]
        self.assertEqual(families, ["list-a", "list-b"])


class Tasks(ApiUser):
    def setUp(self):
        super().setUp()
        self.addCleanup(self.stop_all)

    def test_ten_tasks_of_one_call(self):
        definition = self.register(self.ecs, "ten", ["sleep", "300"], stop_timeout=2)
        reply = self.launch(definition, count=10, group="mine", startedBy="somebody", referenceId="ref")
        arns = [task["taskArn"] for task in reply["tasks"]]
        self.assertEqual((len(set(arns)), reply["failures"]), (10, []))
        for task in reply["tasks"]:
            self.assertEqual((task["lastStatus"], task["desiredStatus"]), ("PROVISIONING", "RUNNING"))
            self.assertEqual((task["group"], task["startedBy"]), ("mine", "somebody"))
        self.ecs.get_waiter("tasks_running").wait(tasks=arns, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        for arn in arns:
            self.assertEqual(self.ecs.stop_task(task=arn)["task"]["desiredStatus"], "STOPPED")
        self.ecs.get_waiter("tasks_stopped").wait(tasks=arns, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        self.assertEqual(self.launch(definition, group="")["tasks"][0]["group"], "family:ten")

    def test_what_run_task_refuses(self):
        definition = self.register(self.ecs, "refused", ["true"])
        for code, options in (
            ("InvalidParameterException", {"count": 0}),
            ("InvalidParameterException", {"count": 11}),
            ("InvalidParameterException", {"group": "service:web"}),
            ("InvalidParameterException", {"startedBy": "x" * 129}),
            ("InvalidParameterException", {"propagateTags": "SERVICE"}),
            ("InvalidParameterException", {"propagateTags": "EVERYTHING"}),
            ("InvalidParameterException", {"launchType": "MOON"}),
            ("InvalidParameterException", {"launchType": "EC2"}),
            ("InvalidParameterException", {"networkConfiguration": None}),
            ("InvalidParameterException", {"clientToken": "x" * 65}),
            ("InvalidParameterException", {"tags": [{"key": "aws:mine", "value": ""}]}),
            ("InvalidParameterException", {"tags": [{"key": f"k{n}", "value": ""} for n in range(51)]}),
            ("InvalidParameterException", {"placementConstraints": [{"type": "distinctInstance"}]}),
            ("InvalidParameterException", {"overrides": {"containerOverrides": [{"name": "nobody"}]}}),
            (
                "InvalidParameterException",
                {"overrides": {"containerOverrides": [{"name": "main", "command": ["x" * 8192]}]}},
            ),
            ("InvalidParameterException", {"capacityProviderStrategy": [{"capacityProvider": "FARGATE"}]}),
            ("PlatformUnknownException", {"platformVersion": "9.9.9"}),
            ("ClusterNotFoundException", {"cluster": "none"}),
        ):
            with self.subTest(**options):
                self.assert_code(code, self.launch, definition, **options)
        unknown = {"taskDefinitionArn": "none:1"}
        self.assertEqual(self.refusal(self.launch, unknown), ("ClientException", "TaskDefinition not found."))

    def test_capacity_providers(self):
        definition = self.register(self.ecs, "capacity", ["true"])

        def providers(strategy, count=10, cluster="default"):
            reply = self.launch(
                definition, launchType=None, capacityProviderStrategy=strategy, count=count, cluster=cluster
            )
            names = [task["capacityProviderName"] for task in reply["tasks"]]
            return {name: names.count(name) for name in set(names)}

        spot, demand = {"capacityProvider": "FARGATE_SPOT"}, {"capacityProvider": "FARGATE"}
        self.assertEqual(providers([spot], 2), {"FARGATE_SPOT": 2})
        self.assertEqual(
            providers([{**spot, "weight": 3}, {**demand, "weight": 1, "base": 2}]), {"FARGATE": 4, "FARGATE_SPOT": 6}
        )
        self.ecs.create_cluster(
            clusterName="spotty",
            capacityProviders=["FARGATE_SPOT"],
            defaultCapacityProviderStrategy=[{**spot, "weight": 1}],
        )
        self.assertEqual(providers([], 1, "spotty"), {"FARGATE_SPOT": 1})
        for strategy in (
            [{**spot, "weight": 0}, {**demand, "weight": 0}],
            [{**spot, "base": 1}, {**demand, "base": 1, "weight": 1}],
            [{**spot, "weight": 1001}],
            [{**spot, "base": 100_001}],
            [{"capacityProvider": "mine", "weight": 1}],
        ):
            with self.subTest(strategy=strategy):
                self.assert_code("InvalidParameterException", providers, strategy)
        self.assert_code("InvalidParameterException", providers, [{**demand, "weight": 1}], 1, "spotty")

    def test_tags_come_from_the_definition_when_asked(self):
        definition = self.register(
            self.ecs, "tagged", ["true"], tags=[{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]
        )

        def tags(**options):
            arn = self.launch(definition, **options)["tasks"][0]["taskArn"]
            described = self.ecs.describe_tasks(tasks=[arn], include=["TAGS"])["tasks"][0]
            self.assertNotIn("b", [tag["key"] for tag in self.ecs.describe_tasks(tasks=[arn])["tasks"][0]["tags"]])
            return {tag["key"]: tag["value"] for tag in described["tags"]}

        own = [{"key": "b", "value": "9"}]
        self.assertEqual(tags(), {})
        self.assertEqual(tags(propagateTags="TASK_DEFINITION", tags=own), {"a": "1", "b": "9"})
        managed = {"aws:ecs:clusterName": "default"}
        self.assertEqual(tags(propagateTags="NONE", enableECSManagedTags=True, tags=own), {"b": "9", **managed})

    def test_client_tokens(self):
        definition = self.register(self.ecs, "token", ["true"])
        first = self.launch(definition, clientToken="t", count=2)["tasks"]
        again = self.launch(definition, clientToken="t", count=2)["tasks"]
        self.assertEqual([task["taskArn"] for task in again], [task["taskArn"] for task in first])
        with self.assertRaises(self.ecs.exceptions.ConflictException) as conflict:
            self.launch(definition, clientToken="t", count=3)
        self.assertEqual(conflict.exception.response["resourceIds"], [task["taskArn"] for task in first])
        self.ecs.create_cluster(clusterName="apart")
        elsewhere = self.launch(definition, clientToken="t", cluster="apart", count=3)["tasks"]
        self.assertEqual(len(elsewhere), 3)

    def test_listing_by_every_filter(self):
        sleeper = self.register(self.ecs, "listed-a", ["sleep", "300"])
        other = self.register(self.ecs, "listed-b", ["sleep", "300"])
        mine = {task["taskArn"] for task in self.launch(sleeper, count=7, startedBy="lister")["tasks"]}
        others = {task["taskArn"] for task in self.launch(other, count=2)["tasks"]}

        def listed(**options):
            pages = self.ecs.get_paginator("list_tasks").paginate(**options, PaginationConfig={"PageSize": 3})
            found = [arn for page in pages for arn in page["taskArns"]]
            self.assertEqual(len(found), len(set(found)))
            return set(found)

        self.assertLessEqual(mine | others, listed())
        self.assertEqual(listed(startedBy="lister"), mine)
        self.assertEqual(listed(family="listed-a"), mine)
        self.assertEqual(listed(family="listed-b", launchType="FARGATE", desiredStatus="RUNNING"), others)
        self.assertEqual(listed(launchType="EC2"), set())
        self.assertEqual(listed(desiredStatus="PENDING"), set())
        self.assertEqual(listed(containerInstance="0" * 32), set())
        stopped = next(iter(mine))
        self.ecs.stop_task(task=stopped)
        self.assertIn(stopped, listed(desiredStatus="STOPPED", family="listed-a"))
        self.assertEqual(listed(startedBy="lister"), mine - {stopped})
        for code, options in (
            ("InvalidParameterException", {"startedBy": "lister", "family": "listed-a"}),
            ("InvalidParameterException", {"startedBy": "lister", "launchType": "FARGATE"}),
            ("InvalidParameterException", {"desiredStatus": "ASLEEP"}),
            ("InvalidParameterException", {"launchType": "MOON"}),
            ("InvalidParameterException", {"maxResults": 0}),
            ("InvalidParameterException", {"nextToken": "x"}),
            ("ServiceNotFoundException", {"serviceName": "none"}),
            ("ClusterNotFoundException", {"cluster": "none"}),
        ):
            with self.subTest(**options):
                self.assert_code(code, self.ecs.list_tasks, **options)

    def test_describing_and_stopping(self):
        arn = self.launch(self.register(self.ecs, "described", ["sleep", "300"]))["tasks"][0]["taskArn"]
        short = arn.rpartition("/")[2]
        both = self.ecs.describe_tasks(tasks=[arn, short, "f" * 32])
        self.assertEqual([task["taskArn"] for task in both["tasks"]], [arn, arn])
        self.assertEqual([failure["reason"] for failure in both["failures"]], ["MISSING"])
        self.assert_code("InvalidParameterException", self.ecs.describe_tasks, tasks=[])
        self.assert_code("InvalidParameterException", self.ecs.describe_tasks, tasks=[short] * 101)
        stopped = self.ecs.stop_task(task=short, reason="enough")["task"]
        self.assertEqual((stopped["stopCode"], stopped["stoppedReason"]), ("UserInitiated", "enough"))
        self.assertEqual(self.ecs.stop_task(task=short, reason="again")["task"]["stoppedReason"], "enough")
        self.assertEqual(
            self.refusal(self.ecs.stop_task, task="f" * 32),
            ("InvalidParameterException", "The referenced task was not found."),
        )

    def test_execute_command_is_refused_clearly(self):
        arn = self.launch(self.register(self.ecs, "closed", ["sleep", "300"]))["tasks"][0]["taskArn"]
        code, message = self.refusal(self.ecs.execute_command, task=arn, command="sh", interactive=True)
        self.assertEqual(code, "InvalidParameterException")
        self.assertTrue(message.startswith("The execute command failed because execute command was not enabled"))

    def test_tagging(self):
        definition = self.register(self.ecs, "labels", ["sleep", "300"])
        arn = self.launch(definition)["tasks"][0]["taskArn"]
        cluster = self.ecs.describe_clusters(clusters=["default"])["clusters"][0]["clusterArn"]
        for resource in (arn, definition["taskDefinitionArn"], cluster):
            self.ecs.tag_resource(resourceArn=resource, tags=[{"key": "k", "value": "1"}, {"key": "l", "value": "2"}])
            self.ecs.tag_resource(resourceArn=resource, tags=[{"key": "k", "value": "3"}])
            self.ecs.untag_resource(resourceArn=resource, tagKeys=["l", "never there"])
            self.assertEqual(
                self.ecs.list_tags_for_resource(resourceArn=resource)["tags"], [{"key": "k", "value": "3"}]
            )
        self.assert_code(
            "ResourceNotFoundException",
            self.ecs.list_tags_for_resource,
            resourceArn="arn:aws:ecs:us-east-1:000000000000:cluster/none",
        )

    def test_golden_tasks(self):
        """The life of a task as DescribeTasks shows it, with what differs from run to run replaced by its kind."""
        definition = self.register(self.ecs, "golden", ["sleep", "300"])
        arn = self.launch(definition, startedBy="golden", tags=[{"key": "k", "value": "v"}])["tasks"][0]["taskArn"]
        running = self.raw_task(self.wait_status(self.ecs, arn, "RUNNING"))
        self.ecs.stop_task(task=arn, reason="seen enough")
        stopped = self.raw_task(self.wait_status(self.ecs, arn, "STOPPED"))
        for name, task in (("running", running), ("stopped", stopped)):
            expected = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
            self.assertEqual(task, expected, f"tests/vectors/ecs-tasks/{name}.json")

    def raw_task(self, value):
        """The task with time stamps, ids and addresses named by what they are."""
        if isinstance(value, datetime.datetime):
            return "TIME"
        if isinstance(value, dict):
            return {name: self.raw_task(inner) if name != "version" else "NUMBER" for name, inner in value.items()}
        if isinstance(value, list):
            return [self.raw_task(inner) for inner in value]
        return with_kinds(value) if isinstance(value, str) else value
