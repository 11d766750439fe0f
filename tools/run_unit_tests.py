#!/usr/bin/env python3
"""Runs every test program (*_test) of a folder and counts the tests in them.

Usage: tools/run_unit_tests.py BIN_FOLDER
Ends with a line "N passed, M failed"; the exit status is 1 when something failed.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

SECONDS_PER_PROGRAM = 180


def run_program(program):
    """The numbers of passed and failed tests; a program that crashes or hangs counts as one failure more."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        command = [str(program), "--gtest_brief=1", f"--gtest_output=json:{report.name}"]
        environment = {
            **os.environ,
            "ASAN_OPTIONS": "detect_leaks=1:detect_stack_use_after_return=1",
            "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
        }
        try:
            status = subprocess.run(command, env=environment, timeout=SECONDS_PER_PROGRAM, check=False).returncode
        except subprocess.TimeoutExpired:
            print(f"{program.name}: not finished within {SECONDS_PER_PROGRAM} s", flush=True)
            return 0, 1
        content = Path(report.name).read_text()
    if not content:
        print(f"{program.name}: ended with {status} before it could report", flush=True)
        return 0, 1
    summary = json.loads(content)
    failed = summary["failures"] + summary.get("errors", 0)
    skipped = sum(test.get("result") == "SKIPPED" for suite in summary["testsuites"] for test in suite["testsuite"])
    passed = summary["tests"] - failed - skipped - summary.get("disabled", 0)
    if status != 0 and failed == 0:  # a sanitizer's report at the end
        failed = 1
    print(f"{program.name}: {passed} passed, {failed} failed", flush=True)
    return passed, failed


def main():
    programs = sorted(file for file in Path(sys.argv[1]).glob("*_test") if os.access(file, os.X_OK))
    counts = [run_program(program) for program in programs]
    passed, failed = sum(count[0] for count in counts), sum(count[1] for count in counts)
    if not programs:
        print(f"no test programs in {sys.argv[1]}")
        failed = 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
