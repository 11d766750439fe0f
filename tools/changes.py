"""Which files differ from a commit, and which others see that."""

import re
import subprocess

from compile_database import REPOSITORY


def changed_files(base):
    """The paths, relative to the repository, that differ from `base`, with those that git does not know yet."""

    def git(*arguments):
        return subprocess.run(
            ["git", *arguments], cwd=REPOSITORY, check=True, capture_output=True, text=True
        ).stdout.split()

    return set(git("diff", "--name-only", "--diff-filter=d", base)) | set(
        git("ls-files", "--others", "--exclude-standard")
    )


def touched(files, base):
    """Those of the files that differ from `base` or include a header that does directly, which is enough to see it."""
    changed = changed_files(base)
    headers = {path for path in changed if path.endswith(".h")}
    return [
        file
        for file in files
        if file.relative_to(REPOSITORY).as_posix() in changed or _includes_one_of(file, headers)
    ]


def _includes_one_of(file, headers):
    text = file.read_text(errors="replace")
    return any(f'#include "{re.sub("^(src|tests)/", "", header)}"' in text for header in headers)
