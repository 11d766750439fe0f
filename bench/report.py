"""Writes docs/performance.md from measured rows."""

import platform
import re
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Row:
    """One line of the table. `target` is a sentence, `met` whether it holds (None where there is no target)."""

    what: str
    unit: str
    engine: float | None
    ours: float | None
    target: str = ""
    met: bool | None = None

    def markdown(self):
        ratio = f"{self.ours / self.engine:.2f}" if self.engine and self.ours is not None else ""
        verdict = {True: "yes", False: "**no**", None: ""}[self.met]
        return (
            f"| {self.what} | {_number(self.engine, self.unit)} | {_number(self.ours, self.unit)} | {ratio} | "
            f"{self.target} | {verdict} |"
        )


def _number(value, unit):
    if value is None:
        return ""
    digits = 0 if value >= 1000 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f} {unit}"


_PAGE = """\
# Performance

Written by `bench/run`, which measures both engines side by side in one run on one machine: a Docker engine with its
own data root (overlay2, no iptables rules, which makes it a little faster than usual), and `sockerlessd --local` with
the local cloud, a release build. Every number is a median; runs of the engines alternate.

{machine}

| what | Docker engine | Sockerless | ratio | target | met |
|---|---|---|---|---|---|
{rows}

How each is measured:

- **`docker run --rm busybox true`**: wall time of the docker CLI, {runs} runs each, image present. *Reverse* and
  *forward* are the two ways in which daemon and agent find each other.
- **Requests per second**: {connections} connections, {seconds} s, three rounds, the server on one processor and the
  load on another; over the unix socket, which Docker's clients use, by `bench/http_load.cc`, over TCP on loopback by
  `wrk`.
- **Memory**: resident set of the daemon process, after its first answers and before any container.
- **Start**: from the start of the program, with an empty state folder, to the first answered `/_ping`; once with an AWS
  endpoint that is there already, once with a local cloud that the daemon starts, too.
- **Agent**: the static binary after `strip`; and from its start to the first byte that the user's command writes.
"""


_TABLE_HEAD = "| what | Docker engine | Sockerless | ratio | target | met |\n|---|---|---|---|---|---|\n"
_SECTION = re.compile(r"^(?=## )", re.MULTILINE)


def write(path, rows, **numbers):
    """The page's first part; sections that stand behind it stay."""
    text = _PAGE.format(machine=_machine(), rows="\n".join(row.markdown() for row in rows), **numbers)
    page = Path(path)
    sections = _SECTION.split(page.read_text())[1:] if page.exists() else []
    page.write_text(_joined([text, *sections]))
    return text


def write_section(path, title, rows, notes):
    """Puts the section into the page, in the place of one with this title."""
    heading = f"## {title}\n"
    table = _TABLE_HEAD + "\n".join(row.markdown() for row in rows)
    section = f"{heading}\n{_machine()}\n\n{table}\n\n{notes}"
    page = Path(path)
    first, *others = _SECTION.split(page.read_text())
    kept = [other for other in others if not other.startswith(heading)]
    page.write_text(_joined([first, *kept, section]))
    return section


def _joined(parts):
    """With one empty line in between, however often a part has been written."""
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def _machine():
    processor = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    count = len(re.findall(r"^processor\s*:", Path("/proc/cpuinfo").read_text(), re.MULTILINE))
    memory = int(re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())[1]) / 1024 / 1024
    name = processor[1] if processor else platform.machine()
    return f"Machine: {count} × {name}, {memory:.0f} GiB of memory, Linux {platform.release().split('-')[0]}."
