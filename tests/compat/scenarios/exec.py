"""`docker exec` and the exec calls: output, exit codes, users, environment, streams, and what cannot be run."""

import re
import threading

from support.raw_http import stdcopy_frames

from compat.recording import scenario

API = "/v1.41"
EXIT_CODES = (0, 1, 2, 42, 125, 126, 127, 130, 143, 255)


def running(s, *options, suffix="c", command=("sleep", "1000")):
    """A container that runs; returns its name."""
    name = s.name(suffix)
    s.prepare("run", "-d", "--name", name, *options, "busybox", *command)
    return name


def create(s, name, **body):
    """An exec by the API; returns its id."""
    body.setdefault("AttachStdout", True)
    body.setdefault("AttachStderr", True)
    reply = s.http("POST", f"{API}/containers/{name}/exec", body)
    return reply.json()["Id"]


def start(s, exec_id, tty=False, headers=None):
    return s.hijack(f"{API}/exec/{exec_id}/start", {"Detach": False, "Tty": tty}, headers)


def record_inspect(s, exec_id, label=""):
    """The exec's inspection without the process id, which differs."""
    s.http("GET", f"{API}/exec/{exec_id}/json", replace=[(re.compile(r'"Pid":\d+'), '"Pid":1')], label=label)


@scenario
def exec_prints_output(s):
    """Output arrives, stdout and stderr apart."""
    name = running(s)
    s.docker("exec", name, "echo", "hi")
    s.docker("exec", name, "sh", "-c", "echo one; echo two >&2; echo three; printf four >&2")
    s.docker("exec", name, "sh", "-c", "printf 'no end'")
    s.docker("exec", name, "true")


@scenario
def exec_exit_codes(s):
    """The command's exit code is the CLI's."""
    name = running(s)
    for code in EXIT_CODES:
        s.docker("exec", name, "sh", "-c", f"exit {code}")


@scenario
def exec_reports_death_by_signal(s):
    """A command that a signal ends exits with 128 plus its number."""
    name = running(s)
    for signal in ("KILL", "TERM", "USR1"):
        s.docker("exec", name, "sh", "-c", f"kill -{signal} $$")


@scenario
def exec_unknown_command(s):
    """What cannot be run, in the runtime's words."""
    name = running(s)
    s.docker("exec", name, "no-such-command", label="not found")
    s.docker("exec", name, "/no/such/file", label="no such path")
    s.docker("exec", name, "/etc", label="a folder")
    s.docker("exec", name, "/etc/passwd", label="not executable")
    s.docker("exec", "-d", name, "no-such-command")
    s.docker("exec", "-t", name, "no-such-command", label="terminal")


@scenario
def exec_of_a_script_without_interpreter(s):
    """The file is there and executable, but what it names is not."""
    name = running(s)
    s.docker("exec", name, "sh", "-c", "printf '#!/no/such\\n' >/tmp/s; printf 'junk' >/tmp/j; chmod +x /tmp/s /tmp/j")
    s.docker("exec", name, "/tmp/s", label="no interpreter")
    s.docker("exec", name, "/tmp/j", label="no format")


@scenario
def exec_passes_input(s):
    """-i passes the input and its end; without it the command reads nothing."""
    name = running(s)
    s.docker("exec", "-i", name, "cat", stdin="line 1\nline 2\n")
    s.docker("exec", "-i", name, "sh", "-c", "cat >/tmp/f; echo done; cat /tmp/f", stdin="to a file\n")
    s.docker("exec", "-i", name, "wc", "-c", stdin="x" * 300_000)
    s.docker("exec", name, "cat", stdin="not attached\n")
    s.docker("exec", "-i", name, "head", "-n", "1", stdin="first\nsecond\n")


@scenario
def exec_detached(s):
    """-d returns at once and prints nothing; the command runs."""
    name = running(s)
    s.docker("exec", "-d", name, "sh", "-c", "echo lost; echo here >/tmp/made")
    s.docker("exec", name, "sh", "-c", "while [ ! -s /tmp/made ]; do sleep 0.1; done; cat /tmp/made")


@scenario
def exec_environment(s):
    """Variables are the container's, changed and added by -e; a name without a value takes one away."""
    name = running(s, "-e", "KEPT=1", "-e", "CHANGED=old", "-e", "GONE=1")
    script = "env | grep -v -e HOSTNAME -e ^AWS_ -e ^ECS_ | sort"
    s.docker("exec", "-e", "CHANGED=new", "-e", "ADDED=a b", name, "sh", "-c", script)
    s.docker("exec", "-e", "GONE", name, "sh", "-c", "echo ${GONE-unset}")
    s.docker("exec", "-e", "EMPTY=", name, "sh", "-c", "echo [${EMPTY-unset}]")
    s.docker("exec", name, "sh", "-c", "echo $HOSTNAME | wc -c")
    s.docker("exec", "-t", name, "sh", "-c", "echo $TERM")
    s.docker("exec", name, "sh", "-c", "echo ${TERM-unset}")


@scenario
def exec_environment_of_terminal_container(s):
    """TERM belongs to the exec's own terminal, not to the container's."""
    name = running(s, "-t")
    s.docker("exec", name, "sh", "-c", "echo ${TERM-unset}")
    s.docker("exec", "-t", name, "sh", "-c", "echo $TERM")
    s.docker("exec", "-t", "-e", "TERM=vt100", name, "sh", "-c", "echo $TERM")


@scenario
def exec_working_directory(s):
    """The container's folder, or the one of -w."""
    name = running(s, "-w", "/tmp")
    s.docker("exec", name, "pwd")
    s.docker("exec", "-w", "/etc", name, "pwd")
    s.docker("exec", "-w", "/no/such/folder", name, "pwd", label="no such folder")


@scenario
def exec_as_user(s):
    """-u by name, number and group, with home and groups."""
    name = running(s)
    script = 'id -u; id -g; echo "$HOME"'
    s.docker("exec", name, "sh", "-c", script)
    for user in ("root", "nobody", "65534", "4711", "4711:4712", "nobody:root", "0:65534"):
        s.docker("exec", "-u", user, name, "sh", "-c", script)
    s.docker("exec", "-u", "nobody", "-e", "HOME=/tmp", name, "sh", "-c", script)
    s.docker("exec", "-u", "no-such-user", name, "id", label="no such user")
    s.docker("exec", "-u", "nobody:no-such-group", name, "id", label="no such group")


@scenario
def exec_groups_of_user(s):
    """Supplementary groups come from the image's own files."""
    name = running(s)
    s.docker("exec", name, "sh", "-c", "echo 'app:x:1234:1234::/home/app:/bin/sh' >>/etc/passwd")
    s.docker("exec", name, "sh", "-c", "printf 'app:x:1234:\\none:x:2001:app\\ntwo:x:2002:other,app\\n' >>/etc/group")
    s.docker("exec", "-u", "app", name, "sh", "-c", 'id; echo "$HOME"')
    s.docker("exec", "-u", "app:two", name, "id")
    s.docker("exec", "-u", "1234", name, "id")


@scenario
def exec_of_container_with_user(s):
    """Without -u the container's user is the exec's."""
    name = running(s, "-u", "nobody")
    s.docker("exec", name, "sh", "-c", 'id -u; id -g; echo "$HOME"')
    s.docker("exec", "-u", "nobody", name, "id", "-u")


@scenario
def exec_with_terminal(s):
    """-t gives a terminal: line ends and one stream."""
    name = running(s)
    s.docker("exec", "-t", name, "sh", "-c", "tty; echo out; echo err >&2")
    s.docker("exec", "-t", name, "sh", "-c", "exit 7")
    s.docker("exec", "-t", name, "sh", "-c", "[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo terminal")
    s.docker("exec", name, "sh", "-c", "[ -t 0 ] || [ -t 1 ] || [ -t 2 ] || echo none")


@scenario
def exec_of_containers_that_do_not_run(s):
    """Created, exited, unknown."""
    created = s.name("created")
    s.prepare("create", "--name", created, "busybox", "true")
    s.docker("exec", created, "true")
    ended = s.name("ended")
    s.prepare("run", "--name", ended, "busybox", "true")
    s.docker("exec", ended, "true")
    s.docker("exec", "no-such-container", "true")
    s.http("POST", f"{API}/containers/no-such-container/exec", {"Cmd": ["true"]})


@scenario
def exec_with_bad_bodies(s):
    """No command, no JSON, bad keys."""
    name = running(s)
    s.http("POST", f"{API}/containers/{name}/exec", {"Cmd": []})
    s.http("POST", f"{API}/containers/{name}/exec", {})
    s.http("POST", f"{API}/containers/{name}/exec", "{bad", {"Content-Type": "application/json"}, label="bad JSON")
    s.http("POST", f"{API}/containers/{name}/exec", {"Cmd": ["true"], "DetachKeys": "nosuch"}, label="bad keys")


@scenario
def exec_unknown_instance(s):
    """All calls of an exec that does not exist."""
    s.http("GET", f"{API}/exec/nosuch/json")
    s.http("POST", f"{API}/exec/nosuch/start", {"Detach": False, "Tty": False})
    s.http("POST", f"{API}/exec/nosuch/start", {"Detach": True})
    s.http("POST", f"{API}/exec/nosuch/resize?h=1&w=1")


@scenario
def exec_inspection(s):
    """What inspect says of an exec before, while and after it runs."""
    name = running(s)
    exec_id = create(s, name, Cmd=["sh", "-c", "echo up; read line; exit 3"], AttachStdin=True, Env=["A=1"])
    record_inspect(s, exec_id)
    s.docker("inspect", "-f", "{{len .ExecIDs}}", name)
    with start(s, exec_id) as stream:
        s.fact("output", stdcopy_frames(stream.read_until(b"up\n")))
        record_inspect(s, exec_id)
        s.docker("inspect", "-f", "{{len .ExecIDs}}", name)
        stream.send(b"go\n")
        s.fact("rest", stream.read_all())
    record_inspect(s, exec_id)
    s.docker("inspect", "-f", "{{.ExecIDs}}", name)


@scenario
def exec_inspection_of_options(s):
    """User, terminal and keys are shown."""
    name = running(s)
    record_inspect(s, create(s, name, Cmd=["true"], User="nobody", Tty=True, DetachKeys="ctrl-a,b"))
    record_inspect(s, create(s, name, Cmd=["echo", "a", "b"], AttachStdout=False, AttachStderr=False))


@scenario
def exec_starts_once(s):
    """A second start is refused, while it runs and afterwards."""
    name = running(s)
    exec_id = create(s, name, Cmd=["sh", "-c", "echo up; read line"], AttachStdin=True)
    with start(s, exec_id) as stream:
        stream.read_until(b"up\n")
        s.http("POST", f"{API}/exec/{exec_id}/start", {"Detach": True}, label="detached, running")
        stream.send(b"\n")
        stream.read_all()
    s.http("POST", f"{API}/exec/{exec_id}/start", {"Detach": True}, label="detached, ended")
    with start(s, exec_id) as stream:
        s.fact("second start", stdcopy_frames(stream.read_all()), label="attached, ended")


@scenario
def exec_start_of_a_stopped_container(s):
    """The exec is known, its container does not run any more."""
    name = running(s)
    exec_id = create(s, name, Cmd=["true"])
    s.prepare("kill", name)
    s.wait_status(name, "exited")
    s.http("POST", f"{API}/exec/{exec_id}/start", {"Detach": True})
    s.http("POST", f"{API}/exec/{exec_id}/start", {"Detach": False})
    s.prepare("rm", "-f", name)
    s.http("GET", f"{API}/exec/{exec_id}/json", label="removed")


@scenario
def exec_ends_with_its_container(s):
    """Who is in the container when it ends is killed."""
    name = running(s)
    attached = s.background("exec", name, "sh", "-c", "echo up; sleep 1000")
    attached.wait_output("up")
    s.prepare("kill", name)
    attached.finish()


@scenario
def exec_events(s):
    """create, start and die, with the command and its exit code."""
    name = running(s)
    what = "{{.Action}} {{.Actor.Attributes.exitCode}}"
    # From before, so that it does not matter when the watcher is there.
    since = ("--since", "2020-01-01T00:00:00")
    watcher = s.background("events", *since, "--filter", f"container={name}", "--format", what)
    s.prepare("exec", name, "sh", "-c", "exit 0")
    s.docker("exec", name, "sh", "-c", "exit 3")
    s.prepare("exec", "-d", name, "true")
    s.prepare("rm", "-f", name)
    watcher.wait_output("destroy")
    watcher.interrupt(2)
    actions = re.findall(r"^exec_(?:create|start|die).*$", watcher.text(), re.MULTILINE)
    s.fact("events", "\n".join(actions))


@scenario
def exec_many_at_once(s):
    """Twenty at the same time, each with its own output and exit code."""
    name = running(s)
    results = {}

    def run(number):
        script = f"echo {number}; exit {number}"
        exec_id = s.ask(
            f"{API}/containers/{name}/exec", {"Cmd": ["sh", "-c", script], "AttachStdout": True}
        )["Id"]
        with start(s, exec_id) as stream:
            output = stdcopy_frames(stream.read_all())
        results[number] = (output, s.ask(f"{API}/exec/{exec_id}/json")["ExitCode"])

    threads = [threading.Thread(target=run, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    s.fact("results", sorted(results.items()))


@scenario
def exec_background_process_holds_nothing_up(s):
    """A process that the command leaves behind, with its output, ends the exec all the same."""
    name = running(s)
    s.docker("exec", name, "sh", "-c", "sleep 100 >/dev/null 2>&1 & echo left")


@scenario
def exec_large_output(s):
    """Two megabytes arrive whole."""
    name = running(s)
    s.docker("exec", name, "sh", "-c", "head -c 2000000 /dev/zero | tr '\\0' x | md5sum")
    result = s.prepare("exec", name, "sh", "-c", "head -c 2000000 /dev/zero | tr '\\0' x")
    s.fact("size", len(result))


@scenario
def exec_in_shapes(s):
    """The fields and types of the answers."""
    name = running(s)
    s.shape(f"{API}/exec/{create(s, name, Cmd=['true', 'x'])}/json")
