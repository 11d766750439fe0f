#!/usr/bin/env python3
"""Compiles every header alone, so that none depends on what was included before it.

Usage: tools/check_headers.py BUILD_FOLDER [HEADER...]
"""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from pathlib import Path

from compile_database import REPOSITORY, CompileDatabase

COMPILER = "clang++"


def problem_of(header, database):
    flags, directory = database.flags_near(header)
    command = [
        COMPILER,
        *flags,
        "-Wno-pragma-once-outside-header",
        "-Wno-unused-function",
        f"-I{REPOSITORY}",  # tests include their support by its path from here
        "-fsyntax-only",
        "-x",
        "c++",
        str(header),
    ]
    result = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    return None if result.returncode == 0 else f"{header.relative_to(REPOSITORY)}:\n{result.stderr.strip()[:2000]}"


def main():
    database = CompileDatabase(sys.argv[1])
    named = [Path(name).resolve() for name in sys.argv[2:]]
    headers = named or sorted([*(REPOSITORY / "src").rglob("*.h"), *(REPOSITORY / "tests").rglob("*.h")])
    with ThreadPoolExecutor(cpu_count()) as pool:
        problems = [problem for problem in pool.map(lambda header: problem_of(header, database), headers) if problem]
    print("\n".join(problems + [f"headers: {len(headers)} compiled alone, {len(problems)} can't be"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
