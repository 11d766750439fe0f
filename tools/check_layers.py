#!/usr/bin/env python3
"""Checks that the #include lines below src/ follow the arrows of ARCHITECTURE.md. Prints every one that does not.

A folder may include itself, what its row below names, and nothing else. Tests beside the sources may also use the
folders in TEST_SUPPORT.
"""

import re
import sys
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[1] / "src"

# Longer names win: agent/task has a row of its own.
ALLOWED = {
    "base": [],
    "config": ["base"],
    "http": ["base"],
    "core": ["base"],
    "docker": ["core", "http", "base"],
    "agent/protocol": ["base"],
    "agent/hub": ["agent/protocol", "http", "base"],
    "agent/task": ["agent/protocol", "base"],
    "drivers": ["core", "agent/hub", "agent/protocol", "base"],
    "registry": ["core", "http", "base"],
    "publish": ["core", "agent/hub", "agent/protocol", "base"],
    "aws": ["http", "base"],
    "ecs": ["core", "aws", "base"],
    "cloud": ["http", "config", "base"],
    "daemon": [
        "base",
        "config",
        "http",
        "core",
        "docker",
        "agent/hub",
        "agent/protocol",
        "drivers",
        "registry",
        "publish",
        "aws",
        "ecs",
    ],
}
TEST_SUPPORT = ["base", "http"]

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def layer_of(path):
    """The row that a path relative to src/ belongs to, or None."""
    parts = path.split("/")
    for length in (2, 1):
        name = "/".join(parts[:length])
        if len(parts) > length and name in ALLOWED:
            return name
    return None


def problems_of(file):
    relative = file.relative_to(SOURCES).as_posix()
    own = layer_of(relative)
    if own is None:
        yield f"src/{relative}: this folder is in no layer"
        return
    allowed = [own, *ALLOWED[own]] + (TEST_SUPPORT if file.stem.endswith("_test") else [])
    for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        included = match[1]
        if "/" not in included or not (SOURCES / included).exists():
            if not (SOURCES.parent / included).exists():
                yield f'src/{relative}:{number}: "{included}" is not a path from src/'
            continue
        layer = layer_of(included)
        if layer not in allowed:
            yield f"src/{relative}:{number}: {own} may not include {layer} ({included})"


def main():
    files = sorted(file for pattern in ("*.cc", "*.h") for file in SOURCES.rglob(pattern))
    problems = [problem for file in files for problem in problems_of(file)]
    print("\n".join(problems + [f"layers: {len(files)} files, {len(problems)} wrong includes"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
