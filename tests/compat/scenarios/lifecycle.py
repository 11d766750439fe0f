"""create, start, stop, kill, wait, rename, restart, rm."""

import time

from compat.recording import scenario

FOREVER = ("sh", "-c", "echo up; while :; do sleep 0.1; done")
STATE = "{{.State.Status}} {{.State.Running}} {{.State.Paused}} {{.State.Dead}} {{.State.ExitCode}} {{.State.Error}}"


def start_forever(s, suffix="c", command=FOREVER, options=()):
    """A running container that has written its first line."""
    name = s.name(suffix)
    s.prepare("run", "-d", "--name", name, *options, "busybox", *command)
    s.wait_logs(name, "up")
    return name


@scenario
def create_then_start(s):
    """A created container is listed, starts, ends, and can be started again."""
    name = s.name()
    s.docker("create", "--name", name, "busybox", "sh", "-c", "echo ran; exit 5")
    s.docker("inspect", "-f", STATE + " {{.State.StartedAt}} {{.State.FinishedAt}}", name)
    s.docker("ps", "--filter", f"name={name}", "--format", "{{.Names}}")
    s.docker("ps", "-a", "--filter", f"name={name}", "--format", "{{.Names}} {{.Status}} {{.State}}")
    s.docker("start", name)
    s.docker("wait", name)
    s.docker("inspect", "-f", STATE + " {{.State.StartedAt}} {{.State.FinishedAt}}", name)
    s.docker("start", name)
    s.docker("wait", name)
    s.docker("logs", name)


@scenario
def start_attached(s):
    """start -a shows the output and exits with the command's exit code."""
    name = s.name()
    s.docker("create", "--name", name, "busybox", "sh", "-c", "echo out; echo err >&2; exit 17")
    s.docker("start", "-a", name)
    s.docker("start", "-a", name)
    s.docker("inspect", "-f", STATE, name)


@scenario
def start_with_input(s):
    """start -ai feeds the command's standard input."""
    name = s.name()
    s.docker("create", "-i", "--name", name, "busybox", "sh", "-c", "cat; echo done")
    s.docker("start", "-ai", name, stdin="fed\n")


@scenario
def start_of_running(s):
    """Starting what runs is no error."""
    name = start_forever(s)
    s.docker("start", name)
    s.docker("inspect", "-f", STATE, name)


@scenario
def start_unknown(s):
    """Containers that do not exist, alone and beside one that does."""
    name = s.name()
    s.docker("create", "--name", name, "busybox", "true")
    s.docker("start", "no-such-container")
    s.docker("start", "no-such-container", name)
    s.docker("wait", name)


@scenario
def start_of_unknown_command(s):
    """A start that fails says why, and the container stays as created, with 127."""
    name = s.name()
    s.docker("create", "--name", name, "busybox", "no-such-command")
    s.docker("start", name)
    s.docker("inspect", "-f", "{{.State.Status}} {{.State.Running}} {{.State.ExitCode}}", name)
    s.docker("start", "-a", name)


@scenario
def stop_running(s):
    """stop ends the container and prints its name."""
    name = start_forever(s)
    s.docker("stop", "-t", "1", name)
    s.docker("inspect", "-f", STATE, name, label="state after stop")
    s.docker("ps", "-a", "--filter", f"name={name}", "--format", "{{.Status}}", label="status after stop")
    s.docker("wait", name, label="exit code after stop")
    s.docker("logs", name)


@scenario
def stop_lets_the_command_end(s):
    """A command that handles the stop signal is given the time to end."""
    name = start_forever(s, command=("sh", "-c", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.1; done"))
    s.docker("stop", name)
    s.docker("inspect", "-f", STATE, name)
    s.docker("logs", name)


@scenario
def stop_with_a_time(s):
    """A command that ignores the stop signal has the time of stop -t and restart -t, and no more."""
    command = ("sh", "-c", "trap 'echo asked' TERM; echo up; while :; do sleep 0.1; done")
    name = start_forever(s, command=command)
    began = time.monotonic()
    s.docker("restart", "-t", "1", name)
    s.wait_logs(name, "up", 2)
    s.docker("stop", "-t", "2", name)
    s.fact("killed when the times were over", 3 <= time.monotonic() - began < 20)
    s.docker("inspect", "-f", "{{.State.Status}}", name)
    s.docker("logs", name)


@scenario
def stop_uses_the_stop_signal(s):
    """--stop-signal is what the command gets."""
    name = start_forever(
        s,
        options=("--stop-signal", "USR1"),
        command=("sh", "-c", "trap 'echo got usr1; exit 0' USR1; echo up; while :; do sleep 0.1; done"),
    )
    s.docker("stop", name)
    s.docker("logs", name)


@scenario
def stop_of_stopped_and_unknown(s):
    """Stopping what has ended is no error; what does not exist is one."""
    name = s.name()
    s.prepare("run", "--name", name, "busybox", "true")
    s.docker("stop", name)
    s.docker("stop", "no-such-container", name)
    s.docker("inspect", "-f", STATE, name)


@scenario
def kill_running(s):
    """kill without a signal is SIGKILL: 137."""
    name = start_forever(s)
    s.docker("kill", name)
    s.docker("wait", name)
    s.docker("inspect", "-f", STATE, name)


@scenario
def kill_with_terminating_signal(s):
    """TERM ends the container."""
    name = start_forever(s, command=("sh", "-c", "trap 'exit 7' TERM; echo up; while :; do sleep 0.1; done"))
    s.docker("kill", "-s", "TERM", name)
    s.docker("wait", name, label="exit code after TERM")
    s.docker("inspect", "-f", STATE, name, label="state after TERM")


@scenario
def kill_with_other_signal(s):
    """A signal that the command handles is delivered, by name and by number, and it runs on."""
    name = start_forever(
        s, command=("sh", "-c", "trap 'echo usr1' USR1; trap 'echo hup' HUP; echo up; while :; do sleep 0.1; done")
    )
    s.docker("kill", "-s", "USR1", name)
    s.wait_logs(name, "usr1")
    s.docker("kill", "--signal", "SIGHUP", name)
    s.wait_logs(name, "hup")
    s.docker("kill", "-s", "10", name)
    s.wait_logs(name, "usr1", count=2)
    s.docker("inspect", "-f", STATE, name)
    s.docker("logs", name)


@scenario
def kill_errors(s):
    """Not running, not there, no such signal."""
    name = s.name()
    s.docker("create", "--name", name, "busybox", "true")
    s.docker("kill", name)
    s.docker("kill", "no-such-container")
    running = start_forever(s, "running")
    s.docker("kill", "-s", "NOSUCH", running, label="no such signal")
    s.docker("kill", "-s", "99", running)
    s.docker("inspect", "-f", STATE, running)


@scenario
def wait_for_exit(s):
    """wait blocks until the container has ended; several are answered in order."""
    first, second = start_forever(s, "first"), s.name("second")
    s.prepare("run", "-d", "--name", second, "busybox", "sh", "-c", "exit 4")
    waiting = s.background("wait", first, second)
    s.docker("kill", first)
    waiting.finish()
    s.docker("wait", "no-such-container")


@scenario
def wait_of_created(s):
    """A container that was never started is not waited for."""
    name = s.name()
    s.docker("create", "--name", name, "busybox", "true")
    s.docker("wait", name)


@scenario
def rm_of_running(s):
    """rm refuses what runs, and leaves it alone."""
    name = start_forever(s)
    s.docker("rm", name, label="running")
    s.docker("inspect", "-f", STATE, name)


@scenario
def rm_by_force(s):
    """rm -f removes what runs; the name is free again."""
    name = start_forever(s)
    s.docker("rm", "-f", name)
    s.docker("rm", name)
    s.docker("rm", "-f", name)
    s.docker("create", "--name", name, "busybox", "true")
    s.docker("rm", name)


@scenario
def rm_of_several(s):
    """What can be removed is, and what can't be is named."""
    ended, created = s.name("ended"), s.name("created")
    s.prepare("run", "--name", ended, "busybox", "true")
    s.prepare("create", "--name", created, "busybox", "true")
    s.docker("rm", ended, "no-such-container", created)
    s.docker("ps", "-aq", "--filter", f"name={ended}", "--filter", f"name={created}")


@scenario
def rm_by_short_id(s):
    """A unique beginning of the id is as good as the name."""
    name = s.name()
    container = s.prepare("create", "--name", name, "busybox", "true")
    s.docker("inspect", "-f", "{{.Name}}", container[:20])
    s.docker("rm", container[:12])
    s.docker("inspect", "-f", "{{.Name}}", name)


@scenario
def rename_container(s):
    """The new name works, the old one does not."""
    old, new = s.name("old"), s.name("new")
    s.docker("create", "--name", old, "busybox", "echo", "renamed")
    s.docker("rename", old, new)
    s.docker("inspect", "-f", "{{.Name}}", new)
    s.docker("inspect", "-f", "{{.Name}}", old)
    s.docker("start", "-a", new)
    s.docker("create", "--name", old, "busybox", "true")


@scenario
def rename_errors(s):
    """A name that is taken, the same name, a bad one, and no container."""
    one, two = s.name("one"), s.name("two")
    s.docker("create", "--name", one, "busybox", "true")
    s.docker("create", "--name", two, "busybox", "true")
    s.docker("rename", one, two)
    s.docker("rename", one, one)
    s.docker("rename", one, "bad name!")
    s.docker("rename", one, "")
    s.docker("rename", "no-such-container", "other")
    s.docker("inspect", "-f", "{{.Name}}", one)


@scenario
def rename_of_running(s):
    """A running container can be renamed and then stopped by its new name."""
    old, new = start_forever(s, "old"), s.name("new")
    s.docker("rename", old, new)
    s.docker("ps", "--filter", f"name={new}", "--format", "{{.Names}}")
    s.docker("kill", new)


@scenario
def restart_container(s):
    """restart ends the container and runs the same command anew."""
    name = start_forever(s)
    s.docker("restart", "-t", "0", name)
    s.wait_logs(name, "up", count=2)
    s.docker("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}} {{.RestartCount}}", name)
    s.docker("restart", "no-such-container")


@scenario
def removed_by_force_while_waited(s):
    """wait is answered when the container is removed by force."""
    name = start_forever(s)
    waiting = s.background("wait", name)
    attached = s.background("logs", "-f", name)
    attached.wait_output("up")
    s.docker("rm", "-f", name)
    waiting.finish()
    attached.finish()
