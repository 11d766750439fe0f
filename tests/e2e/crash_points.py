"""The daemon dies at one of its crash points (src/base/crash_point.h), and the next start sets everything right.

A point lies before and behind every call to AWS and every commit of the state. One scenario of creates, starts, stops,
kills, restarts, renames and removals passes them.
"""

from dataclasses import dataclass, field

import boto3
from support import raw_http
from support.processes import wait_until

IMAGE = "busybox"
FOREVER = ["sleep", "94827361"]


class Died(Exception):
    """The daemon is gone in the middle of a request."""


class Client:
    """The Docker API, spoken directly: a request ends with its answer or with the daemon's death."""

    def __init__(self, address):
        self._address = address

    def __call__(self, method, path, body=None):
        try:
            return raw_http.request(self._address, method, f"/v1.41{path}", body=body, timeout=60)
        except (OSError, ValueError, IndexError) as error:
            raise Died(path) from error

    def create(self, name, command, **host_config):
        body = {"Image": IMAGE, "Cmd": command, "HostConfig": host_config}
        return self("POST", f"/containers/create?name={name}", body)

    def containers(self):
        """Name, state and exit code of every container, by id."""
        found = {}
        for one in self("GET", "/containers/json?all=1").json():
            shown = self("GET", f"/containers/{one['Id']}/json")
            if shown.status == 404:
                continue  # removed meanwhile
            state = shown.json()["State"]
            found[one["Id"]] = (one["Names"][0].lstrip("/"), state["Status"], state["ExitCode"])
        return found


@dataclass
class Step:
    """What is asked, and what is so once all of it has been answered: (status, exit code), or None for gone."""

    requests: list
    promise: dict
    touches: set = field(default_factory=set)  # names whose state is open while the requests are under way


def steps():
    def post(path):
        return lambda client: client("POST", f"/containers/{path}")

    def delete(path):
        return lambda client: client("DELETE", f"/containers/{path}")

    def create(name, command, **host_config):
        return lambda client: client.create(name, command, **host_config)

    return [
        Step([create("runs", FOREVER)], {"runs": ("created", 0)}, {"runs"}),
        Step([post("runs/start")], {"runs": ("running", 0)}, {"runs"}),
        Step(
            [create("ends", ["sh", "-c", "exit 3"]), post("ends/start"), post("ends/wait")],
            {"ends": ("exited", 3)},
            {"ends"},
        ),
        Step([post("ends/restart"), post("ends/wait")], {"ends": ("exited", 3)}, {"ends"}),
        Step(
            [create("killed", FOREVER), post("killed/start"), post("killed/kill"), post("killed/wait")],
            {"killed": ("exited", 137)},
            {"killed"},
        ),
        Step([post("runs/stop")], {"runs": ("exited", 0)}, {"runs"}),
        Step([post("runs/rename?name=named")], {"runs": None, "named": ("exited", 0)}, {"runs", "named"}),
        Step([delete("killed")], {"killed": None}, {"killed"}),
        Step([create("gone", FOREVER, AutoRemove=True), post("gone/start"), delete("gone?force=1")], {}, {"gone"}),
        Step([delete("named"), delete("ends")], {"named": None, "ends": None, "gone": None}, {"named", "ends", "gone"}),
    ]


@dataclass
class Outcome:
    promised: dict
    open_names: set


def play(client):
    """Plays the scenario until it has ended or the daemon has died."""
    outcome = Outcome({}, set())
    try:
        client("POST", f"/images/create?fromImage={IMAGE}&tag=latest")
        for step in steps():
            outcome.open_names = step.touches
            for request in step.requests:
                reply = request(client)
                assert reply.status < 400, reply.text()
            outcome.promised.update(step.promise)
        outcome.open_names = set()
    except Died:
        pass
    return outcome


class Ecs:
    """What the cloud holds, as boto3 tells it."""

    def __init__(self, environment):
        self._ecs = boto3.client(
            "ecs",
            endpoint_url=environment["SOCKERLESS_ENDPOINT_URL"],
            region_name=environment["AWS_REGION"],
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        )

    def running_tasks(self):
        """The container ids of the tasks that are told to run."""
        arns = self._ecs.list_tasks(cluster="default", desiredStatus="RUNNING")["taskArns"]
        if not arns:
            return []
        tasks = self._ecs.describe_tasks(cluster="default", tasks=arns, include=["TAGS"])["tasks"]
        return [
            next(tag["value"] for tag in task["tags"] if tag["key"] == "sockerless-container-id")
            for task in tasks
            if task["desiredStatus"] == "RUNNING"
        ]

    def definitions(self, described=False):
        """The active task definitions: their ARNs, or what they say."""
        arns = self._ecs.list_task_definitions(status="ACTIVE")["taskDefinitionArns"]
        if not described:
            return arns
        return [self._ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"] for arn in arns]


def settle(test, client, ecs):
    """Waits until every task has a record that runs, and every record that runs has one task."""

    def is_consistent():
        running = sorted(id for id, (_, status, _) in client.containers().items() if status == "running")
        return sorted(ecs.running_tasks()) == running

    try:
        wait_until(is_consistent, "tasks and records agree", 30, interval=0.1)
    except AssertionError:
        test.fail(f"tasks {ecs.running_tasks()}, records {client.containers()}")


def check_promises(test, client, outcome):
    """What was answered is so; what was under way is as before, done, or has failed with a reason."""
    states = {name: (status, code) for name, status, code in client.containers().values()}
    for name, promise in outcome.promised.items():
        if name in outcome.open_names:
            continue
        if promise is None:
            test.assertNotIn(name, states)
        else:
            test.assertEqual(states.get(name), promise, name)
    for name in outcome.open_names & set(states):
        status, code = states[name]
        if status == "exited":
            # The truth, or a stated unknown; never an invented 0.
            truths = {"ends": {3}, "killed": {137}, "runs": {0}, "named": {0}, "gone": {137}}
            test.assertIn(code, truths[name] | {125, 255}, name)


def remove_everything(test, client, ecs):
    for id in client.containers():
        client("DELETE", f"/containers/{id}?force=1")
    test.assertEqual(client.containers(), {})
    wait_until(lambda: ecs.running_tasks() == [], "no task is left", 30, interval=0.1)
    wait_until(lambda: ecs.definitions() == [], "no task definition is left", 30, interval=0.1)
