"""The virtual environment of the tests: the distribution's Python with the packages of tests/requirements.txt."""

import os
import subprocess
import sys
from pathlib import Path

_TESTS = Path(__file__).resolve().parents[1]
_ENVIRONMENT = _TESTS.parent / "build" / "test-python"
_INSTALL_SECONDS = 300


def enter():
    """Runs this program once more with the environment's Python unless it runs with it; makes what is missing first."""
    python = _ENVIRONMENT / "bin" / "python"
    if Path(sys.prefix) == _ENVIRONMENT and _is_fresh():
        return
    if not _is_fresh():
        _install(python)
    os.execv(python, [python, *sys.argv])


def program(name):
    """The path of a program that one of the packages has brought."""
    return _ENVIRONMENT / "bin" / name


def _stamp():
    return _ENVIRONMENT / "installed.txt"


def _wanted():
    return (_TESTS / "requirements.txt").read_text()


def _is_fresh():
    return _stamp().exists() and _stamp().read_text() == _wanted()


def _install(python):
    print(f"==> installing tests/requirements.txt in {_ENVIRONMENT.relative_to(_TESTS.parent)}", flush=True)
    base = getattr(sys, "_base_executable", sys.executable)
    subprocess.run([base, "-m", "venv", "--clear", _ENVIRONMENT], check=True, timeout=_INSTALL_SECONDS)
    command = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", _TESTS / "requirements.txt"]
    subprocess.run(command, check=True, timeout=_INSTALL_SECONDS)
    _stamp().write_text(_wanted())
