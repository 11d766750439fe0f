"""How long `docker cp` takes, by the CLI."""

import os
import time

SMALL_FILES = 20_000
FILES_PER_FOLDER = 500


def make_large(path, megabytes):
    """A file that no file system can make smaller."""
    piece = os.urandom(1 << 20)
    with path.open("wb") as file:
        for number in range(megabytes):
            file.write(number.to_bytes(8, "big") + piece[8:])


def make_small(root):
    """Folders with many files of a few hundred bytes."""
    for number in range(SMALL_FILES):
        if number % FILES_PER_FOLDER == 0:
            folder = root / f"folder-{number}"
            folder.mkdir(parents=True)
        (folder / f"file-{number}").write_text(f"content of file {number}\n" * (number % 20 + 1))


def into_seconds(cli, source, name, path):
    """How long it takes to copy the file or folder into the container."""
    started = time.monotonic()
    cli.ok("cp", source, f"{name}:{path}")
    return time.monotonic() - started


def out_seconds(cli, name, path, target):
    """How long it takes to copy the path out of the container, to what is not there yet."""
    started = time.monotonic()
    cli.ok("cp", f"{name}:{path}", target)
    return time.monotonic() - started
