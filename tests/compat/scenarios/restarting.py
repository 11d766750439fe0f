"""Restart policies and update."""

from compat.recording import scenario

COUNT = "{{.State.Status}} {{.State.ExitCode}} {{.RestartCount}}"


@scenario
def restart_on_failure(s):
    """A container that fails is run again as often as its policy says."""
    name = s.name()
    s.prepare("run", "-d", "--name", name, "--restart", "on-failure:1", "busybox", "sh", "-c", "echo run; exit 3")
    s.wait_for(name, "{{.RestartCount}} {{.State.Status}}", "1 exited")
    s.docker("inspect", "-f", COUNT, name, label="after its last run")
    s.docker("inspect", "-f", "{{json .HostConfig.RestartPolicy}}", name)
    s.docker("logs", name)


@scenario
def restart_not_after_success(s):
    """A command that succeeds is not run again by on-failure."""
    name = s.name()
    s.prepare("run", "-d", "--name", name, "--restart", "on-failure", "busybox", "true")
    s.wait_for(name, "{{.State.Status}}", "exited")
    s.docker("inspect", "-f", COUNT, name)


@scenario
def restart_always_until_stopped(s):
    """always runs the container again until it is stopped."""
    name = s.name()
    s.prepare("run", "-d", "--name", name, "--restart", "always", "busybox", "sh", "-c", "exit 2")
    s.wait_for(name, "{{if ge .RestartCount 1}}again{{end}}", "again")
    s.docker("stop", name)
    s.docker("inspect", "-f", "{{.State.Status}} {{.State.Restarting}}", name)


@scenario
def restart_policy_conflicts(s):
    """Policies that there are not, and those that contradict --rm."""
    s.docker("create", "--restart", "sometimes", "busybox", "true")
    s.docker("create", "--restart", "always:3", "busybox", "true")
    s.docker("create", "--rm", "--restart", "always", "busybox", "true")


@scenario
def update_of_restart_policy(s):
    """update changes the policy of a container, and refuses what cannot be."""
    name = s.name()
    s.docker("create", "--name", name, "busybox", "true")
    s.docker("update", "--restart", "on-failure:4", name)
    s.docker("inspect", "-f", "{{json .HostConfig.RestartPolicy}}", name)
    s.docker("update", "--restart", "unless-stopped", "no-such-container")
    once = s.name("once")
    s.docker("create", "--rm", "--name", once, "busybox", "true")
    s.docker("update", "--restart", "always", once)
