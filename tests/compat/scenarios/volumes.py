"""Volumes and mounts."""

from compat.recording import scenario

MOUNT = "{{range .Mounts}}{{.Type}} {{.Destination}} {{.Driver}} [{{.Mode}}] {{.RW}}{{end}}"


@scenario
def volume_create_and_remove(s):
    """A named volume is made, shown, and removed."""
    name = s.name()
    s.docker("volume", "create", "--label", "a=b", name)
    s.docker("volume", "create", name)
    s.docker("volume", "inspect", "-f", "{{.Name}} {{.Driver}} {{.Scope}} {{json .Labels}} {{json .Options}}", name)
    s.docker("volume", "ls", "-q", "--filter", f"name={name}")
    s.docker("volume", "rm", name)
    s.docker("volume", "rm", name)
    s.docker("volume", "rm", "-f", name)
    s.docker("volume", "inspect", name)


@scenario
def volume_of_bad_names(s):
    """Names and drivers that cannot be."""
    s.http("POST", "/v1.41/volumes/create", {"Name": "b@d"})
    s.http("POST", "/v1.41/volumes/create", {"Name": "x"})
    s.http("POST", "/v1.41/volumes/create", {"Name": s.name(), "Driver": "no-such-driver"}, label="unknown driver")


@scenario
def volume_in_use(s):
    """A volume that a container mounts is kept, and dangling when the container is gone."""
    volume, name = s.name("v"), s.name()
    s.docker("create", "--name", name, "-v", f"{volume}:/data", "busybox", "true")
    s.docker("volume", "ls", "-q", "--filter", f"name={volume}", "--filter", "dangling=true", label="not dangling")
    s.docker("volume", "rm", volume)
    s.docker("ps", "-a", "--filter", f"volume={volume}", "--format", "{{.Names}}")
    s.docker("rm", name)
    s.docker("volume", "ls", "-q", "--filter", f"name={volume}", "--filter", "dangling=true", label="dangling")
    s.docker("volume", "rm", volume)


@scenario
def mounts_of_every_spelling(s):
    """-v and --mount with volumes, read-only, tmpfs."""
    volume, name = s.name("v"), s.name()
    s.prepare(
        "create", "--name", name, "-v", f"{volume}:/a:ro", "--mount", f"type=volume,source={volume},target=/b",
        "--mount", "type=tmpfs,target=/c", "busybox", "true",
    )
    s.docker("inspect", "-f", "{{len .Mounts}}", name)
    for target in ("/a", "/b", "/c"):
        template = '{{range .Mounts}}{{if eq .Destination "' + target + '"}}{{.Type}} [{{.Mode}}] {{.RW}}{{end}}{{end}}'
        s.docker("inspect", "-f", template, name)
    s.docker("inspect", "-f", "{{json .HostConfig.Binds}}", name)
    s.docker("rm", name)
    s.docker("volume", "rm", volume)


@scenario
def mounts_that_cannot_be(s):
    """Relative targets, the root, duplicates, sources that are missing."""
    s.docker("create", "-v", "vol:relative", "busybox", "true")
    s.docker("create", "-v", "/tmp:/", "busybox", "true")
    s.docker("create", "-v", "/tmp:/x:nonsense", "busybox", "true")
    s.docker("create", "-v", "rel/path:/x", "busybox", "true")
    s.docker("create", "--mount", "type=bind,source=/no/such/folder,target=/x", "busybox", "true")
    s.docker("create", "--mount", "type=tmpfs,target=/x", "--mount", "type=tmpfs,target=/x", "busybox", "true")


@scenario
def volumes_from_another_container(s):
    """--volumes-from takes over the mounts of another container."""
    volume, first, second = s.name("v"), s.name("first"), s.name("second")
    s.prepare("create", "--name", first, "-v", f"{volume}:/data", "busybox", "true")
    s.prepare("create", "--name", second, "--volumes-from", f"{first}:ro", "busybox", "true")
    s.docker("inspect", "-f", "{{range .Mounts}}{{.Type}} {{.Destination}} {{.RW}}{{end}}", second)
    s.docker("create", "--volumes-from", "no-such-container", "busybox", "true")
    s.docker("rm", first, second)
    s.docker("volume", "rm", volume)


@scenario
def anonymous_volumes_go_with_rm_v(s):
    """rm -v removes the volume that was made for the container, --rm does so too."""
    name = s.name()
    s.prepare("create", "--name", name, "-v", "/data", "busybox", "true")
    s.docker("inspect", "-f", MOUNT, name)
    s.docker("rm", "-v", name)
