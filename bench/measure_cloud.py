"""Measurements of the local cloud: by the APIs alone, so that no command line's own time is in them."""

import time
from pathlib import Path

import boto3
import botocore.config
from support.processes import wait_until
from support.raw_http import request

DOCKER = "/v1.41"
NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-local"]}}


def client(cloud):
    return boto3.client(
        "ecs",
        endpoint_url=cloud.endpoint,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=botocore.config.Config(retries={"max_attempts": 0}, read_timeout=60),
    )


def register(ecs, family, command, file_system=None):
    """A definition of one container of busybox; the file system's root is its /marks."""
    container = {"name": "main", "image": "busybox", "command": command, "stopTimeout": 2}
    volumes = []
    if file_system:
        container["mountPoints"] = [{"sourceVolume": "marks", "containerPath": "/marks"}]
        volumes = [{"name": "marks", "efsVolumeConfiguration": {"fileSystemId": file_system}}]
    definition = ecs.register_task_definition(
        family=family,
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        volumes=volumes,
        containerDefinitions=[container],
    )
    return definition["taskDefinition"]["taskDefinitionArn"]


def run_tasks(ecs, definition, count=1):
    reply = ecs.run_task(
        taskDefinition=definition, launchType="FARGATE", count=count, networkConfiguration=NETWORK
    )
    return [task["taskArn"] for task in reply["tasks"]]


def count_in(ecs, arns, status):
    pages = (arns[begin : begin + 100] for begin in range(0, len(arns), 100))
    tasks = [task for page in pages for task in ecs.describe_tasks(tasks=page)["tasks"]]
    return sum(task["lastStatus"] == status for task in tasks)


def wait_for_tasks(ecs, arns, status, seconds=120):
    wait_until(lambda: count_in(ecs, arns, status) == len(arns), f"all are {status}", seconds, interval=0.1)


def _milliseconds_to(mark, begin):
    """From `begin` (ns of the wall clock) until the container's command had made the file."""
    wait_until(mark.exists, "the command has run", 30, interval=0.001)
    took = (mark.stat().st_mtime_ns - begin) / 1e6
    mark.unlink()
    return took


def task_milliseconds(ecs, definition, folder):
    """From the RunTask call to the user's process. Returns once the task has stopped."""
    begin = time.time_ns()
    arns = run_tasks(ecs, definition)
    took = _milliseconds_to(Path(folder) / "mark", begin)
    wait_for_tasks(ecs, arns, "STOPPED")
    return took


def engine_milliseconds(address, folder):
    """From the start call, on a container that is there already, to the user's process."""
    body = {"Image": "busybox", "Cmd": ["touch", "/marks/mark"], "HostConfig": {"Binds": [f"{folder}:/marks"]}}
    reply = request(address, "POST", f"{DOCKER}/containers/create", body, timeout=60)
    if reply.status != 201:
        raise RuntimeError(f"create: {reply.status} {reply.text()}")
    container = reply.json()["Id"]
    begin = time.time_ns()
    request(address, "POST", f"{DOCKER}/containers/{container}/start", timeout=60)
    took = _milliseconds_to(Path(folder) / "mark", begin)
    request(address, "DELETE", f"{DOCKER}/containers/{container}?force=1", timeout=60)
    return took


def parallel_seconds(ecs, definition, count):
    """Until all of `count` tasks run that were asked for as fast as the API takes them; and until all have stopped."""
    begin = time.monotonic()
    arns = [arn for _ in range(count // 10) for arn in run_tasks(ecs, definition, 10)]
    wait_for_tasks(ecs, arns, "RUNNING")
    started = time.monotonic() - begin
    begin = time.monotonic()
    for arn in arns:
        ecs.stop_task(task=arn)
    wait_for_tasks(ecs, arns, "STOPPED")
    return started, time.monotonic() - begin


def peak_megabytes(pid):
    """The most physical memory that a process has had so far."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) / 1024
