"""Measurements of exec: by the API alone, so that no client's own time is in them."""

import re
import threading
import time
from pathlib import Path

from support.raw_http import hijack, request

API = "/v1.41"
GIBIBYTE = 1 << 30
PIECE = 1 << 20


def create_exec(address, container, command, **more):
    body = {"Cmd": command, "AttachStdout": True, "AttachStderr": True, **more}
    reply = request(address, "POST", f"{API}/containers/{container}/exec", body, timeout=60)
    if reply.status != 201:
        raise RuntimeError(f"exec create: {reply.status} {reply.text()}")
    return reply.json()["Id"]


def start_exec(address, exec_id):
    return hijack(address, f"{API}/exec/{exec_id}/start", {"Detach": False, "Tty": False}, timeout=120)


def exit_code(address, exec_id):
    return request(address, "GET", f"{API}/exec/{exec_id}/json", timeout=60).json()["ExitCode"]


def exec_milliseconds(address, container):
    """Create, start, read to the end, inspect."""
    started = time.monotonic()
    exec_id = create_exec(address, container, ["true"])
    with start_exec(address, exec_id) as stream:
        stream.read_all()
    code = exit_code(address, exec_id)
    if code != 0:
        raise RuntimeError(f"exec of true: exit code {code}")
    return (time.monotonic() - started) * 1000


def concurrent_exec_milliseconds(address, container, count):
    """How long each of `count` execs took that began together."""
    took = [None] * count
    barrier = threading.Barrier(count)

    def run(number):
        barrier.wait()
        took[number] = exec_milliseconds(address, container)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if None in took:
        raise RuntimeError(f"{took.count(None)} of {count} execs failed")
    return sorted(took)


def stdout_megabytes_per_second(address, container, size=GIBIBYTE):
    """An exec writes `size` zeros; the client reads them. Not by busybox's own head, which makes them one by one."""
    exec_id = create_exec(address, container, ["sh", "-c", f"dd if=/dev/zero bs=64k count={size >> 16} 2>/dev/null"])
    buffer = bytearray(PIECE)
    with start_exec(address, exec_id) as stream:
        started = time.monotonic()
        received = 0
        while count := stream.read_into(buffer):
            received += count
        took = time.monotonic() - started
    if received < size:
        raise RuntimeError(f"{received} of {size} bytes arrived")
    return size / took / 1e6


def stdin_megabytes_per_second(address, container, size=GIBIBYTE):
    """The client writes `size` zeros, which an exec reads."""
    exec_id = create_exec(address, container, ["sh", "-c", "cat >/dev/null"], AttachStdin=True)
    piece = bytes(PIECE)
    with start_exec(address, exec_id) as stream:
        started = time.monotonic()
        for _ in range(size // PIECE):
            stream.send(piece)
        stream.end_input()
        stream.read_all()
        took = time.monotonic() - started
    if exit_code(address, exec_id) != 0:
        raise RuntimeError("the exec failed")
    return size / took / 1e6


def cli_milliseconds(cli):
    """The wall time of `docker exec box true`."""
    started = time.monotonic()
    cli.ok("exec", "box", "true")
    return (time.monotonic() - started) * 1000


class MemoryGrowth:
    """How much the resident memory of a process grows at most while the block runs, in MiB."""

    def __init__(self, pid):
        self._status = Path(f"/proc/{pid}/status")
        self._reset = Path(f"/proc/{pid}/clear_refs")
        self.megabytes = 0.0

    def __enter__(self):
        self._reset.write_text("5")
        self._before = self._value("VmRSS")
        return self

    def __exit__(self, *_):
        self.megabytes = (self._value("VmHWM") - self._before) / 1024

    def _value(self, name):
        return int(re.search(name + r":\s*(\d+)", self._status.read_text())[1])
