"""What a daemon may leave on this machine: mounts, network interfaces and namespaces, processes."""

import os
import socket
import subprocess
from pathlib import Path

from support.paths import system_program
from support.processes import command_line, wait_until

_UNESCAPED = {"\\040": " ", "\\011": "\t", "\\012": "\n", "\\134": "\\"}


def mounts_under(folder):
    """The mount points at or below `folder`, innermost last."""
    wanted = os.path.realpath(folder)
    found = []
    with open("/proc/self/mountinfo") as table:
        for line in table:
            point = line.split()[4]
            for escape, character in _UNESCAPED.items():
                point = point.replace(escape, character)
            if point == wanted or point.startswith(wanted + "/"):
                found.append(point)
    return found


def unmount_under(folder):
    """Takes away every mount below `folder`, the newest first."""
    for point in reversed(mounts_under(folder)):
        subprocess.run([system_program("umount"), "-l", point], capture_output=True, check=False)


def control_groups(name):
    """The folders of the control group `name` ("sockerless/1a2b"), one for each hierarchy that has it."""
    roots = [Path("/sys/fs/cgroup"), *Path("/sys/fs/cgroup").glob("*")]
    return [str(root / name) for root in roots if (root / name).is_dir()]


def interfaces():
    """The network interfaces of this process's network namespace; /sys may show those of another."""
    return {name for _, name in socket.if_nameindex()}


def named_network_namespaces():
    """The mount points of network namespaces, wherever they are kept."""
    with open("/proc/self/mountinfo") as table:
        return {line.split()[4] for line in table if " - nsfs " in line}


def process_running(command):
    """The process id of the one command with these words; waits, since a task runs a moment before its program does."""
    program = command.split()[0]

    def found():
        return [pid for pid, line in processes_naming(command).items() if line.startswith(program)]

    (pid,) = wait_until(found, f"{command} runs")
    return pid


def processes_naming(text):
    """Living processes that name `text` in their command line or run a program below it, except this one."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        words = " ".join(command_line(int(entry.name)))
        try:
            program = os.readlink(entry / "exe")
        except OSError:
            program = ""
        if text in words or program.startswith(text):
            found[int(entry.name)] = words or program
    return found


def free_subnet(prefix="10.213"):
    """A /24 that no interface of this machine uses, as its first three numbers ("10.213.7")."""
    routes = subprocess.run(
        [system_program("ip"), "-4", "route", "show", "table", "all"], check=True, capture_output=True, text=True
    ).stdout
    start = os.getpid() % 200
    for offset in range(200):
        network = f"{prefix}.{(start + offset) % 200 + 1}"
        if network + "." not in routes:
            return network
    raise RuntimeError("no free subnet for a test bridge")
