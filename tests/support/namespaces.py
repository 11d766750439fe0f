"""Network, mount and process namespaces of one's own, for what looks at a machine's interfaces, mounts and processes.

Inside, a run sees only its own, and its addresses and ports can't collide with another's. What it leaves running ends
with it.
"""

import os
import sys

from support.paths import system_program

_UNSHARED = ("--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
# The shell stays: it is process 1 of the namespace and reaps what daemons leave to it.
_SCRIPT = 'ip link set lo up && mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns || exit 1; "$@"; exit $?'
_MARK = "SOCKERLESS_TEST_NAMESPACES"


def command(arguments):
    """The command that runs another one inside."""
    return [system_program("unshare"), *_UNSHARED, "sh", "-c", _SCRIPT, "sh", *map(str, arguments)]


def enter():
    """Runs this program once more, inside, unless it is there."""
    if _MARK not in os.environ:
        inside = command([sys.executable, *sys.argv])
        os.execve(inside[0], inside, {**os.environ, _MARK: "entered"})
