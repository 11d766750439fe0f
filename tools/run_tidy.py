#!/usr/bin/env python3
"""Runs clang-tidy on the sources that differ from a commit; a changed header brings the sources that include it.

Usage: tools/run_tidy.py BUILD_FOLDER [--base COMMIT] [--all]
"""

import argparse
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count

from changes import touched
from compile_database import REPOSITORY, CompileDatabase


def findings_of(source, build_folder):
    command = ["clang-tidy", "-p", build_folder, "--quiet", str(source)]
    result = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if result.returncode == 0:
        return None
    return (result.stdout.strip() or result.stderr.strip())[:4000]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build_folder")
    parser.add_argument("--base", default="HEAD~")
    parser.add_argument("--all", action="store_true")
    arguments = parser.parse_args()
    database = CompileDatabase(arguments.build_folder)
    sources = database.sources() if arguments.all else touched(database.sources(), arguments.base)
    with ThreadPoolExecutor(cpu_count()) as pool:
        findings = [text for text in pool.map(lambda s: findings_of(s, arguments.build_folder), sources) if text]
    print("\n".join(findings + [f"clang-tidy: {len(sources)} files looked at, {len(findings)} with findings"]))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
