"""pull, images, image inspect, rmi."""

from compat.recording import scenario


def without_images(s, *references):
    """Starts with none of these images on this side."""
    for reference in references:
        if s.prepare("images", "-q", reference):
            s.prepare("rmi", "-f", reference)


@scenario(alone=True)
def pull_image(s):
    """Progress, digest and status; a second pull finds it up to date."""
    without_images(s, "busybox:1.36")
    s.docker("pull", "busybox:1.36")
    s.docker("pull", "busybox:1.36")
    s.docker("run", "--rm", "busybox:1.36", "echo", "pulled")
    s.prepare("rmi", "busybox:1.36")


@scenario(alone=True)
def pull_quietly(s):
    """-q prints the name alone; the tag `latest` is understood."""
    s.docker("pull", "-q", "busybox")
    s.docker("pull", "busybox")
    s.docker("pull", "docker.io/library/busybox:latest")


@scenario
def pull_errors(s):
    """What its registry does not know, and what cannot be a reference."""
    s.docker("pull", f"{s.registry}/no/such")
    s.docker("pull", f"{s.registry}/library/busybox:no-such-tag")
    s.docker("pull", "Upper/Case")
    s.docker("pull", "busybox:bad:tag")
    s.docker("pull", f"{s.registry}/library/busybox@sha256:" + "0" * 64, replace=[("0" * 64, "<zeros>")])


@scenario
def pull_for_other_architecture(s):
    """An image that does not exist for this machine."""
    s.docker("pull", f"{s.registry}/library/foreign", label="other architecture")


@scenario
def pull_from_unreachable_registry(s):
    """Nobody listens at the registry's address."""
    s.docker("pull", "127.0.0.1:1/some/image", label="unreachable")
    without_images(s, "127.0.0.1:1/some/image")


@scenario(alone=True)
def run_pulls_what_is_missing(s):
    """run pulls an image that is not here and says so on standard error."""
    without_images(s, "busybox:1.36")
    s.docker("run", "--rm", "busybox:1.36", "echo", "hi")
    s.docker("run", "--rm", "busybox:1.36", "echo", "again")
    s.prepare("rmi", "busybox:1.36")


@scenario(alone=True)
def images_table(s):
    """The table, ids alone, one repository, a filter, a format."""
    without_images(s, "busybox:1.36", f"{s.registry}/library/busybox")
    s.docker("images")
    s.docker("images", "busybox")
    s.docker("images", "busybox:latest")
    s.docker("images", "no-such-image")
    s.docker("images", "-q", "hello")
    s.docker("images", "--no-trunc", "-q", "hello")
    s.docker("images", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}")
    s.docker("images", "--digests", "--format", "{{.Repository}} {{.Digest}}", "hello")
    s.docker("images", "--filter", "reference=hel*", "--format", "{{.Repository}}")
    s.docker("images", "--filter", "label=org.example.kind=hello", "--format", "{{.Repository}}")
    s.docker("images", "--filter", "nosuch=1")


@scenario
def image_inspect(s):
    """The image's real configuration."""
    for field in (
        "RepoTags",
        "RepoDigests",
        "Architecture",
        "Os",
        "Config.Env",
        "Config.Cmd",
        "Config.Entrypoint",
        "Config.WorkingDir",
        "Config.User",
        "Config.ExposedPorts",
        "Config.Volumes",
        "Config.Labels",
        "Config.StopSignal",
        "Config.Healthcheck",
        "Created",
        "Author",
        "Parent",
        "RootFS.Type",
    ):
        s.docker("image", "inspect", "-f", "{{json ." + field + "}}", "hello")
    s.docker(
        "image", "inspect", "-f", "{{json .Config.Cmd}} {{json .Config.Entrypoint}} {{json .Config.Env}}", "busybox"
    )
    s.shape("/v1.41/images/hello/json", label="inspection")
    s.shape("/v1.41/images/json", label="list")


@scenario
def image_inspect_references(s):
    """By name, tag, id and short id; and what is not there."""
    image = s.prepare("image", "inspect", "-f", "{{.Id}}", "hello")
    for reference in ("hello", "hello:latest", "docker.io/library/hello", image, image[7:], image[7:19]):
        s.docker("image", "inspect", "-f", "{{.Id}}", reference)
    s.docker("image", "inspect", "no-such-image")
    s.docker("image", "inspect", "hello", "no-such-image", "-f", "{{.Os}}")
    s.docker("image", "inspect", "hello:no-such-tag")


@scenario(alone=True)
def rmi_image(s):
    """An image is removed, and is unknown afterwards."""
    s.prepare("pull", "busybox:1.36")
    s.docker("rmi", "busybox:1.36", label="untagged")
    s.docker("image", "inspect", "-f", "{{.Os}}", "busybox:1.36")
    s.docker("rmi", "busybox:1.36")
    s.docker("rmi", "no-such-image", "also-none")


@scenario(alone=True)
def rmi_image_in_use(s):
    """An image that a container uses is kept, unless forced."""
    name = s.name()
    container = s.prepare("create", "--name", name, "hello", "true")
    s.docker("rmi", "hello", replace=[(container[:12], "<the container>")])
    s.docker("image", "inspect", "-f", "{{.Os}}", "hello")
    s.docker("rm", name)
    s.prepare("rmi", "hello")
    s.docker("image", "inspect", "-f", "{{.Os}}", "hello")
    s.prepare("pull", "hello")
