"""What the daemon asks of AWS and how long it takes itself: counted by its metrics, against the local cloud."""

import re
import subprocess
import time
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import boto3
from support.paths import program
from support.processes import wait_until
from support.raw_http import request

API = "/v1.44"
FOREVER = ["sleep", "100000"]
MARK = "data/run/containers/*/upper/begun"  # in the cloud's folder: what a container writes to its root


def ask(address, method, path, body=None, allowed=()):
    reply = request(address, method, API + path, body, timeout=120)
    if reply.status >= 400 and reply.status not in allowed:
        raise RuntimeError(f"{method} {path}: {reply.status} {reply.text()}")
    return reply


def metrics(daemon):
    address = re.search(r"metrics are served address=tcp://(\S+)", daemon.log()).group(1)
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as answer:
        return answer.read().decode()


def gauge(daemon, name):
    return float(re.search(rf"^{name} (\S+)$", metrics(daemon), re.MULTILINE).group(1))


def aws_calls(daemon):
    """How often each operation has been called so far."""
    pattern = r'sockerless_aws_calls_total\{operation="(\w+)",result="[^"]+"\} (\d+)'
    calls = Counter()
    for operation, count in re.findall(pattern, metrics(daemon)):
        calls[operation] += int(count)
    return calls


def settle(daemon):
    wait_until(lambda: gauge(daemon, "sockerless_cleanups") == 0, "no clean-up is left", 120, interval=0.2)


def calls_per_life(daemon, lives, command):
    """Calls of each operation for one container that is created, started, waited for and removed."""
    ask(daemon.address, "POST", "/images/create?fromImage=busybox&tag=latest")
    settle(daemon)
    before = aws_calls(daemon)
    for _ in range(lives):
        _one_life(daemon.address, command)
    settle(daemon)
    made = aws_calls(daemon) - before
    return {operation: count / lives for operation, count in sorted(made.items())}


def _one_life(address, command):
    container = ask(address, "POST", "/containers/create", {"Image": "busybox", "Cmd": command}).json()["Id"]
    ask(address, "POST", f"/containers/{container}/start")
    ask(address, "POST", f"/containers/{container}/wait")
    ask(address, "DELETE", f"/containers/{container}")


def start_answer_milliseconds(daemon, cloud, runs):
    """From the first thing that the user's process does to the answer of its start, for each of `runs` containers."""
    ask(daemon.address, "POST", "/images/create?fromImage=busybox&tag=latest")
    took = []
    for _ in range(runs):
        body = {"Image": "busybox", "Cmd": ["sh", "-c", ": > /begun; exec sleep 100000"]}
        container = ask(daemon.address, "POST", "/containers/create", body).json()["Id"]
        ask(daemon.address, "POST", f"/containers/{container}/start")
        answered = time.time_ns()
        mark = wait_until(lambda: next(cloud.folder.glob(MARK), None), "the mark", 10)
        took.append((answered - mark.stat().st_mtime_ns) / 1e6)
        ask(daemon.address, "DELETE", f"/containers/{container}?force=1")
        wait_until(lambda: not mark.exists(), "the end of the task", 60)
    return took


class Agents:
    """Agents on this machine for tasks that exist in state only: each is told what its task would tell it."""

    def __init__(self, cloud):
        self._ecs = boto3.client(
            "ecs",
            endpoint_url=cloud.endpoint,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )
        self._known, self._processes = set(), []

    def start_missing(self):
        """For every task that has none yet. Returns how many there are."""
        pages = self._ecs.get_paginator("list_tasks").paginate(cluster="default", desiredStatus="RUNNING")
        new = [arn for page in pages for arn in page["taskArns"] if arn not in self._known]
        for begin in range(0, len(new), 100):
            for task in self._ecs.describe_tasks(cluster="default", tasks=new[begin : begin + 100])["tasks"]:
                self._start(task)
        return len(self._known)

    def _start(self, task):
        definition = self._ecs.describe_task_definition(taskDefinition=task["taskDefinitionArn"])["taskDefinition"]
        main = next(each for each in definition["containerDefinitions"] if each["name"] == "main")
        override = next(each for each in task["overrides"]["containerOverrides"] if each["name"] == "main")
        pairs = main.get("environment", []) + override.get("environment", [])
        environment = {pair["name"]: pair["value"] for pair in pairs}
        command = [program("sockerless-agent"), *main["entryPoint"][1:], *main.get("command", [])]
        # As in a task, what the agent runs ends with it.
        command = ["unshare", "--pid", "--fork", "--kill-child", *command]
        self._processes.append(
            subprocess.Popen(
                command,
                env={"PATH": "/usr/bin:/bin", **environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        self._known.add(task["taskArn"])

    def stop(self):
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait(20)


def start_containers(address, count, at_once=16):
    def one(_):
        container = ask(address, "POST", "/containers/create", {"Image": "busybox", "Cmd": FOREVER}).json()["Id"]
        ask(address, "POST", f"/containers/{container}/start")

    ask(address, "POST", "/images/create?fromImage=busybox&tag=latest")
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(one, range(count)))


def calls_in(daemon, seconds):
    """What the daemon calls by itself in so many seconds."""
    before = aws_calls(daemon)
    begun = time.monotonic()
    time.sleep(seconds)
    made = aws_calls(daemon) - before
    return sum(made.values()) / (time.monotonic() - begun) * seconds
