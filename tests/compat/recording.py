"""A scenario's view of one daemon: it runs commands and requests and records what came back, step by step."""

import json
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from support.processes import wait_until
from support.raw_http import hijack, request

TABLE_COMMANDS = ("ps", "images")


@dataclass
class Scenario:
    """A function that drives one daemon. `alone` means that it looks at everything the daemon has."""

    name: str
    run: object
    about: str
    alone: bool = False


@dataclass
class Step:
    """One recorded observation. `label` names it in the table of deviations; `kind` says how it is compared."""

    label: str
    title: str
    values: dict  # what was observed: exit code, stdout and stderr of a command, or status, type and body of a reply
    kind: str = "text"
    replacements: list = field(default_factory=list)  # (pattern, replacement) for this step alone


SCENARIOS = []


def scenario(function=None, *, alone=False):
    """Registers a scenario; its docstring is the sentence that it proves."""

    def register(body):
        about = " ".join((body.__doc__ or "").split())
        SCENARIOS.append(Scenario(body.__name__, body, about, alone))
        return body

    return register(function) if function else register


class Session:
    """What a scenario function is given. Containers and networks that it names are removed when it ends."""

    def __init__(self, scenario_name, daemon, cli, registry_host):
        self.steps = []
        self.registry = registry_host
        self.folder = Path(tempfile.mkdtemp(prefix="sockerless-compat-"))
        self._prefix = scenario_name.replace("_", "-")
        self._daemon = daemon
        self._cli = cli
        self._names = []
        self._running = []

    # --- recorded ---

    def docker(self, *arguments, label="", stdin=None, environment=None, replace=(), seconds=90.0):
        """Runs the docker CLI, records its exit code and both outputs, and returns them."""
        result = self._cli(*arguments, stdin=stdin, environment=environment, seconds=seconds)
        self._record(arguments, result, label, replace)
        return result

    def background(self, *arguments, label="", stdin=None, replace=()):
        """Starts a docker command whose result is recorded when `finish` is called on what is returned."""
        running = _Running(self, arguments, self._cli.start(*arguments, stdin=stdin), label, replace)
        self._running.append(running)
        return running

    def http(self, method, path, body=None, headers=None, label="", show=("content-type",), replace=()):
        """Sends one raw request; records status, the headers in `show`, and the body."""
        reply = request(self._daemon.address, method, path, body, headers, timeout=60)
        values = {"status": str(reply.status), "body": reply.text()}
        values.update({name: reply.headers.get(name, "(absent)") for name in show})
        self.steps.append(Step(label, f"{method} {path}", values, replacements=list(replace)))
        return reply

    def shape(self, path, label=""):
        """Records the fields and types of a JSON reply; the other side must have at least those."""
        reply = request(self._daemon.address, "GET", path, timeout=60)
        values = {"status": str(reply.status), "shape": json.dumps(shape_of(reply.json()), sort_keys=True)}
        self.steps.append(Step(label, f"shape of GET {path}", values, kind="shape"))

    def fact(self, title, value, label=""):
        """Records something that the scenario worked out from earlier answers."""
        self.steps.append(Step(label, title, {"value": str(value)}))

    def hijack(self, path, body=None, headers=None, method="POST"):
        """Opens a stream; nothing of it is recorded by itself."""
        return hijack(self._daemon.address, path, body, method, headers)

    # --- not recorded: preparations and waiting ---

    def name(self, suffix="c"):
        """A name of a container or network that is this scenario's own, the same on both sides."""
        name = f"{self._prefix}-{suffix}"
        self._names.append(name)
        return name

    def prepare(self, *arguments, **options):
        """A docker command that must succeed and is not compared. Returns its standard output."""
        return self._cli.ok(*arguments, **options)

    def ask(self, path, body=None):
        """The JSON answer to a request that is not compared: POST with a body, otherwise GET."""
        method = "GET" if body is None else "POST"
        return request(self._daemon.address, method, path, body, timeout=60).json()

    def inspect(self, name):
        """The container's inspection, or None when it does not exist."""
        reply = request(self._daemon.address, "GET", f"/v1.41/containers/{name}/json", timeout=60)
        return reply.json() if reply.status == 200 else None

    def wait_status(self, name, status, seconds=60.0):
        def reached():
            found = self.inspect(name)
            return found and found["State"]["Status"] == status

        wait_until(reached, f"{name} is {status}", seconds)

    def wait_gone(self, name, seconds=60.0):
        wait_until(lambda: self.inspect(name) is None, f"{name} has been removed", seconds)

    def wait_for(self, name, template, text, seconds=60.0):
        """Waits until inspect says the text for the template."""

        def said():
            return self._cli("inspect", "-f", template, name).stdout.strip() == text

        wait_until(said, f"{template} of {name} is {text}", seconds)

    def wait_logs(self, name, text, count=1, seconds=60.0):
        """Waits until the container's logs hold `text` `count` times."""

        def written():
            reply = request(self._daemon.address, "GET", f"/v1.41/containers/{name}/logs?stdout=1&stderr=1", timeout=60)
            return reply.body.count(text.encode()) >= count

        wait_until(written, f"the logs of {name} hold {text!r}", seconds, interval=0.1)

    def file(self, name, content):
        """A file for the CLI's use; its path differs from run to run and is therefore replaced in what is recorded."""
        path = self.folder / name
        path.write_text(content)
        return path

    def close(self):
        for running in self._running:
            running.abandon()
        for name in self._names:
            request(self._daemon.address, "DELETE", f"/v1.41/containers/{name}?force=1&v=1", timeout=60)
        for name in self._names:
            request(self._daemon.address, "DELETE", f"/v1.41/networks/{name}", timeout=60)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _record(self, arguments, result, label, replace):
        title = "docker " + " ".join(str(argument) for argument in arguments)
        values = {"exit code": str(result.exit_code), "stdout": result.stdout, "stderr": result.stderr}
        kind = "table" if str(arguments[0]) in TABLE_COMMANDS else "text"
        self.steps.append(Step(label, title, values, kind, [(str(self.folder), "<folder>"), *replace]))


class _Running:
    def __init__(self, session, arguments, process, label, replace):
        self._session, self._arguments, self._process = session, arguments, process
        self._label, self._replace = label, replace
        self._finished = False

    def wait_output(self, text, seconds=60.0):
        wait_until(lambda: text in self._process.output(), f"the output holds {text!r}", seconds)

    def text(self):
        return self._process.output()

    def interrupt(self, signal_number):
        self._process.interrupt(signal_number)

    def finish(self, seconds=90.0):
        """Waits for the command's end and records it at this place of the scenario."""
        self._finished = True
        result = self._process.finish(seconds)
        self._session._record(self._arguments, result, self._label, self._replace)
        return result

    def abandon(self):
        if not self._finished:
            self._process.process.kill()
            self._process.finish(10)


def shape_of(value):
    """The value with every leaf replaced by the name of its type; of a list, the shape of its first element."""
    if isinstance(value, dict):
        return {key: shape_of(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape_of(value[0])] if value else []
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    return "null" if value is None else "string"


def load_scenarios():
    """Imports every file of the scenarios folder and returns what they have registered, in file order."""
    import importlib

    folder = Path(__file__).parent / "scenarios"
    for name in sorted(file.stem for file in folder.glob("*.py") if not file.stem.startswith("_")):
        importlib.import_module(f"compat.scenarios.{name}")
    return SCENARIOS
