#!/usr/bin/env python3
"""Compiles headers alone, so that none depends on what was included before it.

Usage: tools/check_headers.py BUILD_FOLDER [--base COMMIT] [--all] [HEADER...]
Those that are named; else those that differ from a commit or include one that does; all of them take minutes.
"""

import argparse
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from pathlib import Path

from changes import touched
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


def chosen_headers(arguments):
    if arguments.headers:
        return [path.resolve() for path in arguments.headers]
    headers = sorted([*(REPOSITORY / "src").rglob("*.h"), *(REPOSITORY / "tests").rglob("*.h")])
    return headers if arguments.all else touched(headers, arguments.base)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build_folder")
    parser.add_argument("headers", nargs="*", type=Path, metavar="HEADER")
    parser.add_argument("--base", default="HEAD~")
    parser.add_argument("--all", action="store_true")
    arguments = parser.parse_args()
    database = CompileDatabase(arguments.build_folder)
    headers = chosen_headers(arguments)
    with ThreadPoolExecutor(cpu_count()) as pool:
        problems = [problem for problem in pool.map(lambda header: problem_of(header, database), headers) if problem]
    print("\n".join(problems + [f"headers: {len(headers)} compiled alone, {len(problems)} can't be"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
