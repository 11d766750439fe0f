"""docker ps: which containers, in which order, with which columns."""

from compat.recording import scenario

NAMES = ("--format", "{{.Names}}")


def three(s):
    """A running, an ended (exit code 3) and a created container, in this order."""
    running, ended, created = s.name("running"), s.name("ended"), s.name("created")
    s.prepare(
        "run",
        "-d",
        "--name",
        running,
        "-l",
        "tier=front",
        "-l",
        "common",
        "busybox",
        "sh",
        "-c",
        "while :; do sleep 0.1; done",
    )
    s.prepare("run", "-d", "--name", ended, "-l", "tier=back", "-l", "common", "busybox", "sh", "-c", "exit 3")
    s.prepare("wait", ended)
    s.prepare("create", "--name", created, "-l", "common", "hello", "created")
    return running, ended, created


@scenario(alone=True)
def ps_table(s):
    """The table as people see it."""
    three(s)
    s.docker("ps")
    s.docker("ps", "-a")
    s.docker("ps", "-a", "--no-trunc")


@scenario(alone=True)
def ps_empty(s):
    """Nothing but the headings."""
    s.docker("ps")
    s.docker("ps", "-a")
    s.docker("ps", "-aq")
    s.docker("ps", "-l")


@scenario(alone=True)
def ps_selection(s):
    """-a, -l, -n, -q, and how they combine."""
    three(s)
    for options in ((), ("-a",), ("-l",), ("-n", "1"), ("-n", "2"), ("-n", "9"), ("-n", "0"), ("-a", "-n", "1")):
        s.docker("ps", *options, *NAMES)
    s.docker("ps", "-q")
    s.docker("ps", "-aq")
    s.docker("ps", "-aq", "--no-trunc")
    s.docker("ps", "-lq")


@scenario(alone=True)
def ps_filters(s):
    """Each filter alone, repeated, and combined."""
    running, ended, created = three(s)
    container = s.prepare("inspect", "-f", "{{.Id}}", ended)
    for filters in (
        ("name=ps-filters-r",),
        ("name=^/ps-filters-ended$",),
        ("name=^ps-filters-ended$",),
        ("name=no-such",),
        ("name=ended", "name=created"),
        (f"id={container}",),
        (f"id={container[:12]}",),
        ("id=0123456789ab",),
        ("label=common",),
        ("label=tier",),
        ("label=tier=front",),
        ("label=tier=none",),
        ("label=tier", "label=common"),
        ("status=running",),
        ("status=exited",),
        ("status=created",),
        ("status=exited", "status=created"),
        ("exited=3",),
        ("exited=0",),
        ("exited=0", "exited=3"),
        ("ancestor=busybox",),
        ("ancestor=busybox:latest",),
        ("ancestor=hello",),
        ("ancestor=no-such-image",),
        ("ancestor=busybox", "status=exited"),
        (f"before={created}",),
        (f"since={running}",),
    ):
        options = [word for text in filters for word in ("--filter", text)]
        s.docker(
            "ps",
            "-a",
            *options,
            *NAMES,
            replace=[(container, "<the container's id>"), (container[:12], "<its short id>")],
        )
    s.docker("ps", "--filter", "status=exited", *NAMES)
    s.docker("ps", "--filter", "exited=3", *NAMES)


@scenario
def ps_filter_errors(s):
    """Filters that do not exist and values that cannot be."""
    s.docker("ps", "--filter", "nosuch=1")
    s.docker("ps", "--filter", "status=nosuch")
    s.docker("ps", "-a", "--filter", "exited=nosuch", label="exit code that is no number")
    s.docker("ps", "--filter", "plain")
    s.docker("ps", "-a", "--filter", "before=no-such-container", label="before nothing")


@scenario(alone=True)
def ps_columns(s):
    """Every field that --format knows."""
    three(s)
    for field in (
        "ID",
        "Image",
        "Command",
        "CreatedAt",
        "RunningFor",
        "Ports",
        "State",
        "Status",
        "Names",
        "Networks",
    ):
        s.docker("ps", "-a", "--format", "{{." + field + "}}")
    s.docker("ps", "-a", "--format", '{{.Label "tier"}}')
    labels = s.prepare("ps", "-a", "--format", "{{.Labels}}")  # an old CLI shows them in any order
    s.fact("labels", [sorted(line.split(",")) for line in labels.splitlines()])
    s.docker("ps", "-a", "--format", "table {{.Names}}\\t{{.Image}}\\t{{.Command}}")


@scenario
def ps_long_command(s):
    """A long command is cut in the table and whole with --no-trunc."""
    name = s.name()
    s.prepare("create", "--name", name, "busybox", "echo", "a long argument with 'quotes' and \"doubles\"", "x" * 40)
    s.docker("ps", "-a", "--filter", f"name={name}", "--format", "{{.Command}}")
    s.docker("ps", "-a", "--no-trunc", "--filter", f"name={name}", "--format", "{{.Command}}")


@scenario
def ps_reports_exit_codes(s):
    """The status of ended containers tells the exit code."""
    name = s.name()
    s.prepare("run", "-d", "--name", name, "busybox", "sh", "-c", "exit 200")
    s.prepare("wait", name)
    s.docker("ps", "-a", "--filter", f"name={name}", "--format", "{{.State}} {{.Status}}")
