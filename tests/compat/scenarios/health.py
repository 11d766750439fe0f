"""Health checks."""

from compat.recording import scenario

OPTIONS = ("--health-interval", "1s", "--health-timeout", "5s", "--health-retries", "1")
FOREVER = ("sh", "-c", "while :; do sleep 0.1; done")


@scenario
def health_becomes_healthy(s):
    """A check that succeeds makes the container healthy, in inspect and ps."""
    name = s.name()
    s.prepare("run", "-d", "--name", name, "--health-cmd", "echo fine", *OPTIONS, "busybox", *FOREVER)
    s.wait_for(name, "{{.State.Health.Status}}", "healthy")
    s.docker("inspect", "-f", "{{.State.Health.FailingStreak}} {{(index .State.Health.Log 0).ExitCode}}", name)
    s.docker("inspect", "-f", "{{(index .State.Health.Log 0).Output}}", name)
    s.docker("inspect", "-f", "{{json .Config.Healthcheck}}", name)
    s.docker("ps", "--filter", f"name={name}", "--filter", "health=healthy", "--format", "{{.Status}}")


@scenario
def health_becomes_unhealthy(s):
    """A check that fails makes the container unhealthy."""
    name = s.name()
    s.prepare("run", "-d", "--name", name, "--health-cmd", "echo bad; exit 4", *OPTIONS, "busybox", *FOREVER)
    s.wait_for(name, "{{.State.Health.Status}}", "unhealthy")
    s.docker("inspect", "-f", "{{(index .State.Health.Log 0).ExitCode}}", name)
    s.docker("ps", "--filter", f"name={name}", "--filter", "health=unhealthy", "--format", "{{.Status}}")


@scenario
def health_of_none(s):
    """Without a check, or with NONE, there is no health."""
    name = s.name()
    s.prepare("run", "-d", "--name", name, "--no-healthcheck", "busybox", *FOREVER)
    s.docker("inspect", "-f", "{{json .State.Health}} {{json .Config.Healthcheck}}", name)
    s.docker("ps", "--filter", f"name={name}", "--filter", "health=none", "--format", "{{.Names}}")
