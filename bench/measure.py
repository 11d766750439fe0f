"""Single measurements: each returns numbers and leaves nothing behind."""

import math
import os
import re
import statistics
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support.paths import program, system_program
from support.raw_http import connect, read_reply, request


def percentile(values, part):
    """The smallest value that at least this part of them does not exceed."""
    ordered = sorted(values)
    return ordered[math.ceil(len(ordered) * part) - 1]


def run_seconds(cli):
    """How long `docker run --rm busybox true` takes, from the start of the CLI to its end."""
    started = time.monotonic()
    cli.ok("run", "--rm", "busybox", "true")
    return time.monotonic() - started


def requests_per_second(pid, address, path, connections, seconds):
    """How many requests a second the server `pid` answers: wrk counts over TCP, http_load over a unix socket."""
    if address.startswith("unix://"):
        load = [program("http_load"), address.removeprefix("unix://"), path, str(connections), str(seconds)]
        return float(_output_beside(pid, load, seconds))
    url = "http" + address.removeprefix("tcp") + path
    load = ["--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s", url]
    output = _output_beside(pid, [system_program("wrk"), *load], seconds)
    if "Non-2xx" in output or "Socket errors" in output:
        raise RuntimeError(f"{url}: {output}")
    return float(re.search(r"Requests/sec:\s*([\d.]+)", output)[1])


def _output_beside(pid, load, seconds):
    """What the load generator prints.

    The server has one processor and the generator another, or the two would take turns in a way that favours neither.
    """
    server, client = _two_processors()
    before = _pin(pid, server)
    command = [system_program("taskset"), "--cpu-list", str(client), *map(str, load)]
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=seconds + 60).stdout
    finally:
        _pin(pid, *before)


def _two_processors():
    """Two processors that this process may use; the same one twice on a machine with one."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[1 % len(allowed)]


def _pin(pid, *processors):
    """Lets every thread of a process run on these processors only; returns where it ran before."""
    before = os.sched_getaffinity(pid)
    for thread in os.listdir(f"/proc/{pid}/task"):
        os.sched_setaffinity(int(thread), processors)
    return before


def create_containers(address, count, at_once=8):
    """Creates containers until there are `count`, by the API. Returns how many were created in each second."""
    listed = request(address, "GET", "/v1.41/containers/json?all=1", timeout=60).json()

    def create(number):
        name = f"bench-{number:04d}"
        body = {"Image": "busybox", "Cmd": ["true"], "Labels": {"bench": "yes"}}
        reply = request(address, "POST", f"/v1.41/containers/create?name={name}", body, timeout=120)
        if reply.status not in (201, 409):
            raise RuntimeError(f"create {name}: {reply.status} {reply.text()}")

    started = time.monotonic()
    missing = range(len(listed), count)
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(create, missing))
    return len(missing) / max(time.monotonic() - started, 1e-6)


def resident_megabytes(pid):
    """The process's resident memory in MiB."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s*(\d+)", text)[1]) / 1024


def milliseconds_to_first_ping(start, address):
    """Calls `start`, then asks for /_ping every half millisecond until it is answered."""
    started = time.monotonic()
    start()
    while time.monotonic() - started < 60:
        try:
            with connect(address, 5) as connection:
                connection.sendall(b"GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n")
                if read_reply(connection.makefile("rb")).status == 200:
                    return (time.monotonic() - started) * 1000
        except (OSError, ValueError, IndexError):
            time.sleep(0.0005)
    raise RuntimeError("no answer within 60 s")


def stripped_megabytes(program, folder):
    copy = os.path.join(folder, os.path.basename(program) + ".stripped")
    subprocess.run([system_program("strip"), "-o", copy, program], check=True)
    return os.path.getsize(copy) / 1e6


def milliseconds_to_command(agent, environment):
    """From the start of the agent to the first byte that the user's command writes."""
    reading, writing = os.pipe()
    command = [agent, "--addr", "127.0.0.1:0", "--", system_program("busybox"), "echo", "started"]
    with open(os.devnull, "wb") as nothing:
        started = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=writing, stderr=nothing, env=environment)
    os.close(writing)
    first = os.read(reading, 1)
    took = (time.monotonic() - started) * 1000
    os.close(reading)
    process.terminate()
    process.wait(20)
    if not first:
        raise RuntimeError("the agent's command wrote nothing")
    return took


def median(values):
    return statistics.median(values)
