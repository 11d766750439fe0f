"""docker version, docker info, ping."""

from compat.recording import scenario


@scenario
def version_fields(s):
    """What scripts ask for."""
    for field in ("Server.Os", "Server.Arch", "Server.Experimental", "Client.Version", "Client.APIVersion"):
        s.docker("version", "--format", "{{." + field + "}}")
    s.docker("version", "--format", "{{.Server.APIVersion}}", label="api version")
    s.docker("version", "--format", "{{.Server.MinAPIVersion}}", label="oldest api version")
    s.shape("/v1.41/version", label="version")


@scenario
def version_table(s):
    """The table can be shown."""
    result = s.docker("version")
    s.steps.pop()
    s.fact("exit code and errors", f"{result.exit_code} {result.stderr}")
    s.fact("has both parts", "Client" in result.stdout and "Server" in result.stdout and "Engine:" in result.stdout)


@scenario
def info_fields(s):
    """What scripts ask for."""
    for field in (
        "OSType",
        "Architecture",
        "LoggingDriver",
        "Swarm.LocalNodeState",
        "IndexServerAddress",
        "ExperimentalBuild",
    ):
        s.docker("info", "--format", "{{." + field + "}}")
    s.docker("info", "--format", "{{.NCPU}}", label="processors")
    s.docker("info", "--format", "{{.Driver}}", label="driver")
    s.docker("info", "--format", "{{.OperatingSystem}}", label="operating system")
    s.docker("info", "--format", "{{.MemTotal}}", label="memory")
    s.shape("/v1.41/info", label="info")


@scenario(alone=True)
def info_counts(s):
    """How many containers of which state, and how many images."""
    running, ended, created = s.name("running"), s.name("ended"), s.name("created")
    counts = "{{.Containers}} {{.ContainersRunning}} {{.ContainersPaused}} {{.ContainersStopped}}"
    s.docker("info", "--format", counts)
    s.prepare("run", "-d", "--name", running, "busybox", "sh", "-c", "while :; do sleep 0.1; done")
    s.prepare("run", "--name", ended, "busybox", "true")
    s.prepare("create", "--name", created, "busybox", "true")
    s.docker("info", "--format", counts)


@scenario
def info_table(s):
    """The table can be shown, without warnings."""
    result = s.docker("info")
    s.steps.pop()
    s.fact("exit code", result.exit_code)
    s.fact("has both parts", "Client" in result.stdout and "Server:" in result.stdout)


@scenario
def ping(s):
    """GET and HEAD, with and without a version, and the headers that clients read."""
    headers = ("content-type", "docker-experimental", "ostype", "cache-control", "pragma")
    for path in ("/_ping", "/v1.41/_ping", "/v1.24/_ping"):
        s.http("GET", path, show=headers)
        s.http("HEAD", path, show=headers)
    s.http("GET", "/_ping", show=("api-version",), label="api version")
