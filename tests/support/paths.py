"""Where the repository, its built programs and the helper programs of the system are."""

import os
import shutil
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def program_folder():
    """The folder of the built programs: $SOCKERLESS_BIN_DIR, or that of the newest preset that has been built."""
    chosen = os.environ.get("SOCKERLESS_BIN_DIR")
    if chosen:
        return Path(chosen)
    built = [REPOSITORY / "build" / preset / "bin" for preset in ("release", "dev")]
    built = [folder for folder in built if (folder / "sockerlessd").exists()]
    if not built:
        raise FileNotFoundError("no built programs: run scripts/test, or set SOCKERLESS_BIN_DIR")
    return max(built, key=lambda folder: (folder / "sockerlessd").stat().st_mtime)


def program(name):
    """The full path of one of our programs."""
    path = program_folder() / name
    if not path.exists():
        raise FileNotFoundError(f"{path} has not been built")
    return str(path)


def system_program(name):
    """The full path of a program of the distribution, also when /usr/sbin is not on PATH."""
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin:/usr/bin:/bin")
    if not path:
        raise FileNotFoundError(f"{name} is not installed: run scripts/install-dependencies test")
    return path
