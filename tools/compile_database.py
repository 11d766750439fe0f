"""Reads a build folder's compile_commands.json."""

import json
import os
import shlex
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]


class CompileDatabase:
    def __init__(self, build_folder):
        file = Path(build_folder) / "compile_commands.json"
        if not file.exists():
            raise SystemExit(f"{file} is missing: configure the preset first")
        # A source that several targets compile counts with the first of them: the agent's, not its musl build's.
        self._commands = {}
        for entry in json.loads(file.read_text()):
            self._commands.setdefault(Path(entry["file"]).resolve(), entry)

    def sources(self):
        """Every compiled source of the repository."""
        return sorted(path for path in self._commands if path.is_relative_to(REPOSITORY) and path.exists())

    def flags_near(self, path):
        """The preprocessor and language flags of the nearest compiled source, without its precompiled header."""
        near = max(self._commands, key=lambda other: len(os.path.commonpath([other, path])))
        entry = self._commands[near]
        words = shlex.split(entry["command"])
        flags = []
        for word, following in zip(words, words[1:] + [""]):
            if word in ("-isystem", "-I", "-D"):
                flags += [word, following]
            elif word.startswith(("-I", "-D", "-std=", "-W", "-isystem", "-f")) and "pch" not in word:
                flags.append(word)
        return flags, entry["directory"]
