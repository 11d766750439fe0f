#!/usr/bin/env python3
"""Runs clang-tidy on the sources that differ from a commit; a changed header brings the sources that include it.

Usage: tools/run_tidy.py BUILD_FOLDER [--base COMMIT] [--all]
"""

import argparse
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count

from compile_database import REPOSITORY, CompileDatabase


def changed_files(base):
    """The paths, relative to the repository, that differ from `base`, with those that git does not know yet."""

    def git(*arguments):
        return subprocess.run(
            ["git", *arguments], cwd=REPOSITORY, check=True, capture_output=True, text=True
        ).stdout.split()

    return set(git("diff", "--name-only", "--diff-filter=d", base)) | set(
        git("ls-files", "--others", "--exclude-standard")
    )


def sources_to_check(database, base):
    changed = changed_files(base)
    headers = {path for path in changed if path.endswith(".h")}
    chosen = []
    for source in database.sources():
        relative = source.relative_to(REPOSITORY).as_posix()
        if relative in changed or _includes_one_of(source, headers):
            chosen.append(source)
    return chosen


def _includes_one_of(source, headers):
    """Whether the source includes a changed header directly: one such source is enough to see the header."""
    text = source.read_text(errors="replace")
    return any(f'#include "{re.sub("^(src|tests)/", "", header)}"' in text for header in headers)


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
    sources = database.sources() if arguments.all else sources_to_check(database, arguments.base)
    with ThreadPoolExecutor(cpu_count()) as pool:
        findings = [text for text in pool.map(lambda s: findings_of(s, arguments.build_folder), sources) if text]
    print("\n".join(findings + [f"clang-tidy: {len(sources)} files looked at, {len(findings)} with findings"]))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
