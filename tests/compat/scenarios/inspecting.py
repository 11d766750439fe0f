"""docker inspect: fields, references, errors."""

from compat.recording import scenario

CREATED_FIELDS = (
    "Id",
    "Name",
    "Path",
    "Args",
    "Image",
    "Created",
    "RestartCount",
    "Platform",
    "AppArmorProfile",
    "State.Status",
    "State.Running",
    "State.Paused",
    "State.Restarting",
    "State.OOMKilled",
    "State.Dead",
    "State.Pid",
    "State.ExitCode",
    "State.Error",
    "State.StartedAt",
    "State.FinishedAt",
    "Config.Image",
    "Config.Cmd",
    "Config.Entrypoint",
    "Config.Env",
    "Config.Labels",
    "Config.User",
    "Config.WorkingDir",
    "Config.Tty",
    "Config.OpenStdin",
    "Config.StdinOnce",
    "Config.AttachStdin",
    "Config.AttachStdout",
    "Config.AttachStderr",
    "Config.Hostname",
    "Config.Domainname",
    "Config.Volumes",
    "Config.OnBuild",
    "HostConfig.AutoRemove",
    "HostConfig.NetworkMode",
    "HostConfig.RestartPolicy",
    "HostConfig.LogConfig.Type",
    "HostConfig.Memory",
    "HostConfig.NanoCpus",
    "HostConfig.Binds",
    "HostConfig.PortBindings",
    "HostConfig.Privileged",
    "HostConfig.PublishAllPorts",
    "HostConfig.ReadonlyRootfs",
    "HostConfig.CapAdd",
    "HostConfig.Dns",
    "HostConfig.ExtraHosts",
    "HostConfig.ShmSize",
    "HostConfig.ContainerIDFile",
    "Mounts",
    "NetworkSettings.Ports",
    "NetworkSettings.IPAddress",
)


@scenario
def inspect_created(s):
    """Every field that people ask for, of a container that was made with options."""
    name = s.name()
    s.docker(
        "create", "--name", name, "-e", "A=1", "-l", "k=v", "-w", "/tmp", "-u", "nobody", "busybox", "echo", "a", "b"
    )
    for field in CREATED_FIELDS:
        s.docker("inspect", "-f", "{{json ." + field + "}}", name)


@scenario
def inspect_image_configuration(s):
    """What the container has from its image."""
    name = s.name()
    s.docker("create", "--name", name, "-e", "MORE=1", "-l", "more=1", "hello", "there")
    for field in (
        "Path",
        "Args",
        "Config.Cmd",
        "Config.Entrypoint",
        "Config.Env",
        "Config.Labels",
        "Config.User",
        "Config.WorkingDir",
        "Config.ExposedPorts",
        "Config.Volumes",
        "Config.StopSignal",
        "Config.Healthcheck",
    ):
        s.docker("inspect", "-f", "{{json ." + field + "}}", name)


@scenario
def inspect_options(s):
    """Options come back as they were given."""
    name = s.name()
    s.docker(
        "create",
        "--name",
        name,
        "-i",
        "-t",
        "--stop-signal",
        "INT",
        "--stop-timeout",
        "7",
        "-h",
        "box",
        "--entrypoint",
        "sh",
        "busybox",
        "-c",
        "true",
        label="with options",
    )
    for field in (
        "Config.Tty",
        "Config.OpenStdin",
        "Config.StdinOnce",
        "Config.StopSignal",
        "Config.StopTimeout",
        "Config.Hostname",
        "Config.Entrypoint",
        "Config.Cmd",
        "HostConfig.RestartPolicy",
        "Path",
        "Args",
    ):
        s.docker("inspect", "-f", "{{json ." + field + "}}", name)


@scenario
def inspect_running_and_ended(s):
    """The state follows the container."""
    name = s.name()
    s.prepare("run", "-d", "--name", name, "busybox", "sh", "-c", "echo up; while :; do sleep 0.1; done")
    s.wait_logs(name, "up")
    state = "{{.State.Status}} {{.State.Running}} {{.State.ExitCode}} {{.State.StartedAt}} {{.State.FinishedAt}}"
    s.docker("inspect", "-f", state, name)
    s.docker("inspect", "-f", "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end}}", name)
    s.prepare("kill", name)
    s.prepare("wait", name)
    s.docker("inspect", "-f", state, name)
    s.docker("inspect", "-f", "{{.State.Pid}} [{{.NetworkSettings.IPAddress}}]", name)


@scenario
def inspect_driver(s):
    """The storage driver's name."""
    name = s.name()
    s.docker("create", "--name", name, "busybox", "true")
    s.docker("inspect", "-f", "{{.Driver}}", name, label="driver")


@scenario
def inspect_several(s):
    """Several at once, of several kinds, and unknown ones between them."""
    one, two = s.name("one"), s.name("two")
    s.docker("create", "--name", one, "busybox", "true")
    s.docker("create", "--name", two, "busybox", "true")
    s.docker("inspect", "-f", "{{.Name}}", one, two)
    s.docker("inspect", "-f", "{{.Name}}", one, "no-such-thing", two)
    s.docker("inspect", "--type", "container", "-f", "{{.Name}}", one)
    s.docker("container", "inspect", "-f", "{{.Name}}", two)
    s.docker("inspect", "--type", "image", one)
    s.docker("inspect", "--type", "container", "busybox")


@scenario
def inspect_unknown(s):
    """Nothing has that name."""
    s.docker("inspect", "no-such-thing")
    s.docker("container", "inspect", "no-such-thing")
    s.docker("inspect", "-f", "{{.Nosuch}}", "no-such-thing")


@scenario
def inspect_by_reference(s):
    """By name, by id, and by a unique beginning of it."""
    name = s.name()
    container = s.prepare("create", "--name", name, "busybox", "true")
    for reference in (name, container, container[:12], container[:30]):
        s.http(
            "GET",
            f"/v1.41/containers/{reference}/json",
            show=(),
            replace=[(container[:30], "<id>"), (container[:12], "<id>")],
        )
        s.steps[-1].values["body"] = "found" if container in s.steps[-1].values["body"] else "not found"


@scenario
def ambiguous_prefix(s):
    """A beginning that two ids share is refused."""
    ids = {}
    for number in range(17):
        name = s.name(str(number))
        container = s.prepare("create", "--name", name, "busybox", "true")
        other = ids.setdefault(container[0], container)
        if other != container:
            break
    prefix = container[0]
    for method, path in (("GET", "json"), ("POST", "start"), ("POST", "stop"), ("GET", "logs?stdout=1")):
        reply = s.http(method, f"/v1.41/containers/{prefix}/{path}", show=())
        s.steps.pop()  # its text holds the prefix, which differs from run to run
        message = reply.json()["message"].replace(": " + prefix, ": <prefix>")
        s.fact(f"{method} {path}", f"{reply.status} {message}", label="ambiguous")


@scenario
def container_named_like_an_id(s):
    """A name wins over the beginning of another container's id."""
    first = s.name("first")
    container = s.prepare("create", "--name", first, "busybox", "true")
    s.prepare("create", "--name", container[:8], "busybox", "true")
    found = s.prepare("inspect", "-f", "{{.Name}}", container[:8])
    s.fact("the name wins", found == "/" + container[:8])
    s.prepare("rm", container[:8])
    found = s.prepare("inspect", "-f", "{{.Name}}", container[:8])
    s.fact("then the id is found", found == "/" + first)


@scenario
def shapes_of_containers(s):
    """The JSON of lists and inspections has the fields and types that clients decode."""
    name = s.name()
    s.prepare("run", "-d", "--name", name, "-l", "k=v", "busybox", "true")
    s.prepare("wait", name)
    s.shape(f'/v1.41/containers/json?all=1&filters={{"name":["{name}"]}}', label="list")
    s.shape(f"/v1.41/containers/{name}/json", label="inspection")
