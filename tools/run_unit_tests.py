#!/usr/bin/env python3
"""Runs every test program (*_test) of a folder and counts the tests in them.

Usage: tools/run_unit_tests.py BIN_FOLDER
Ends with a line "N passed, M failed"; the exit status is 1 when something failed.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

SECONDS_PER_PROGRAM = 180
SECONDS_TO_ABORT = 20
LINES_OF_A_CRASH = 120
PASSING = ("[ RUN      ]", "[       OK ]", "[----------]")


def run_with_output(program, report, output):
    """The exit status. A program that hangs is aborted, so that a sanitizer tells where it is."""
    environment = {
        **os.environ,
        "ASAN_OPTIONS": "detect_leaks=1:detect_stack_use_after_return=1:handle_abort=1",
        "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    }
    # The names of the tests are kept for a crash, which has no other trace of where it was.
    command = [str(program), f"--gtest_output=json:{report}"]
    process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        return process.wait(SECONDS_PER_PROGRAM)
    except subprocess.TimeoutExpired:
        print(f"{program.name}: not finished within {SECONDS_PER_PROGRAM} s", flush=True)
        process.send_signal(signal.SIGABRT)
        try:
            return process.wait(SECONDS_TO_ABORT)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


def run_program(program):
    """The numbers of passed and failed tests; a program that crashes or hangs counts as one failure more."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report, tempfile.TemporaryFile("w+") as output:
        status = run_with_output(program, report.name, output)
        content = Path(report.name).read_text()
        output.seek(0)
        lines = output.read().splitlines()
    if status != 0:
        told = [line for line in lines if not line.startswith(PASSING)] if content else lines[-LINES_OF_A_CRASH:]
        print("\n".join(told))
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
