"""Docker Compose as it is on this machine: both of its generations, if they are."""

import functools
import shutil
import subprocess

from support.daemon import clean_environment
from support.paths import REPOSITORY

# By itself, as scripts/install-compose has built it, or as a plugin of the CLI.
_PROGRAMS = (
    ("docker-compose",),
    (str(REPOSITORY / "build" / "clients" / "docker-compose"),),
    ("docker", "compose"),
)


@functools.cache
def find_compose(generation):
    """The command of Compose 1 or 2; nothing if this machine has none."""
    for command in _PROGRAMS:
        if shutil.which(command[0]) and _version(command).startswith(f"{generation}."):
            return list(command)
    return None


def _version(command):
    command = [*command, "version", "--short"]
    result = subprocess.run(
        command, env=clean_environment(), capture_output=True, text=True, timeout=60, check=False
    )
    return result.stdout.strip().removeprefix("v") if result.returncode == 0 else ""
