"""docker logs."""

import re

from compat.recording import scenario

FIVE = "for n in 1 2 3 4 5; do echo line $n; done"


def ended(s, script, suffix="c"):
    """The name of a container that has run `script` to its end."""
    name = s.name(suffix)
    s.prepare("run", "-d", "--name", name, "busybox", "sh", "-c", script)
    s.prepare("wait", name)
    return name


@scenario
def logs_of_ended(s):
    """All output, in order, as often as one asks."""
    name = ended(s, FIVE)
    s.docker("logs", name)
    s.docker("logs", name)


@scenario
def logs_of_both_streams(s):
    """What the command has written to standard error."""
    name = ended(s, "echo out; echo err >&2")
    s.docker("logs", name, label="both streams")


@scenario
def logs_tail(s):
    """--tail counts from the end."""
    name = ended(s, FIVE)
    for count in ("0", "1", "3", "5", "99", "all", "-1", "nonsense"):
        s.docker("logs", "--tail", count, name)


@scenario
def logs_timestamps(s):
    """-t puts the time before each line."""
    name = ended(s, FIVE)
    result = s.docker("logs", "-t", name)
    times = re.findall(r"^(\S+) line", result.stdout, re.MULTILINE)
    s.fact("five times", len(times))
    s.fact("in order", times == sorted(times))
    s.fact("with nanoseconds", all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", time) for time in times))


@scenario
def logs_since_and_until(s):
    """--since and --until cut by time: absolute, in seconds, and as a duration."""
    name = ended(s, "echo early; sleep 2; echo late")
    stamped = s.prepare("logs", "-t", name).splitlines()
    middle = stamped[1].split(" ")[0]
    s.docker("logs", "--since", middle, name, replace=[(middle, "<middle>")])
    s.docker("logs", "--since", "1h", name)
    s.docker("logs", "--since", "2999-01-01T00:00:00Z", name)
    s.docker(
        "logs",
        "--until",
        stamped[0].split(" ")[0].split(".")[0] + "Z",
        name,
        replace=[(re.compile(r"--until \S+"), "")],
    )
    s.docker("logs", "--until", "2001-01-01T00:00:00", name)
    s.docker("logs", "--since", "nonsense", name)


@scenario
def logs_follow_until_the_end(s):
    """-f shows what is there, what comes, and ends with the container."""
    name = s.name()
    s.prepare(
        "run", "-d", "--name", name, "busybox", "sh", "-c", "echo first; sleep 1; echo second; sleep 1; echo third"
    )
    s.docker("logs", "-f", name)


@scenario
def logs_follow_from_tail(s):
    """-f --tail starts near the end and goes on."""
    name = s.name()
    s.prepare("run", "-d", "--name", name, "busybox", "sh", "-c", "echo a; echo b; echo c; sleep 2; echo d")
    s.wait_logs(name, "c\n")
    s.docker("logs", "-f", "--tail", "1", name)


@scenario
def logs_follow_of_ended(s):
    """-f of a container that has ended shows everything and returns."""
    name = ended(s, FIVE)
    s.docker("logs", "-f", name)
    s.docker("logs", "-f", "--tail", "2", "-t", name)


@scenario
def logs_of_running(s):
    """Without -f the logs of a running container end where it is."""
    name = s.name()
    s.prepare("run", "-d", "--name", name, "busybox", "sh", "-c", "echo up; while :; do sleep 0.1; done")
    s.wait_logs(name, "up")
    s.docker("logs", name)
    s.docker("kill", name)


@scenario
def logs_of_created(s):
    """A container that was never started has none."""
    name = s.name()
    s.docker("create", "--name", name, "busybox", "true")
    s.docker("logs", name)
    s.docker("logs", "no-such-container")


@scenario
def logs_survive_restart(s):
    """The output of every run is kept."""
    name = ended(s, "echo again")
    s.docker("start", name)
    s.docker("wait", name)
    s.docker("logs", name)
    s.docker("logs", "--tail", "1", name)


@scenario
def logs_of_many_lines(s):
    """More lines than one page of the log service."""
    name = ended(s, "seq 1 15000")
    s.docker("logs", name)
    s.docker("logs", "--tail", "3", name)


@scenario
def logs_of_long_lines(s):
    """A long line stays one line."""
    name = ended(s, "head -c 60000 /dev/zero | tr '\\0' x; echo; echo after")
    s.docker("logs", name)


@scenario
def logs_of_unusual_text(s):
    """Letters beyond ASCII, tabs, and spaces at both ends."""
    name = ended(s, 'printf \'ünï→\\n\\ttab \\n  spaces  \\n{"json":"line"}\\n\'')
    s.docker("logs", name)


@scenario
def logs_of_empty_lines(s):
    """Empty lines between others."""
    name = ended(s, "echo a; echo; echo; echo b")
    s.docker("logs", name, label="with empty lines")


@scenario
def logs_without_line_end(s):
    """The last line lacks its end."""
    name = ended(s, "echo a; printf b")
    s.docker("logs", name, label="unfinished line")


@scenario
def logs_are_kept_after_kill(s):
    """What was written before a kill is there."""
    name = s.name()
    s.prepare("run", "-d", "--name", name, "busybox", "sh", "-c", "echo before; while :; do sleep 0.1; done")
    s.wait_logs(name, "before")
    s.prepare("kill", name)
    s.docker("logs", name)
