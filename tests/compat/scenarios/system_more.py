"""Swarm, plugins, prune, tags: what the rest of the API answers."""

from compat.recording import scenario


@scenario
def swarm_of_a_node_outside(s):
    """Everything of a swarm says that there is none."""
    for path in ("/swarm", "/nodes", "/services", "/tasks", "/secrets", "/configs"):
        s.http("GET", "/v1.41" + path)
    s.http("POST", "/v1.41/swarm/leave")


@scenario
def plugins_are_none(s):
    """No plugins are installed."""
    s.http("GET", "/v1.41/plugins")
    s.http("GET", "/v1.41/plugins/no-such-plugin/json")


@scenario
def tag_and_untag(s):
    """A second name of an image, by which it runs and is removed again."""
    name = s.name() + ":v1"
    s.docker("tag", "busybox", name)
    s.docker("image", "inspect", "-f", "{{len .RepoTags}}", name)
    s.docker("run", "--rm", name, "echo", "ran")
    s.docker("rmi", name)
    s.docker("image", "inspect", name)


@scenario
def tag_of_bad_names(s):
    """Names that cannot be, and images that there are not."""
    s.docker("tag", "busybox", "Bad/Name")
    s.docker("tag", "no-such-image", s.name())


@scenario
def prune_by_label(s):
    """container prune takes the containers that do not run and have the label."""
    label, name = s.name("label"), s.name()
    s.prepare("create", "--name", name, "--label", label, "busybox", "true")
    s.docker("container", "prune", "-f", "--filter", f"label={label}")
    s.docker("inspect", name)
    s.http("POST", '/v1.41/containers/prune?filters={"nonsense":["x"]}')


@scenario
def list_filters_of_networks_and_volumes(s):
    """ps filters by volume, network, published and exposed ports."""
    volume, name = s.name("v"), s.name()
    s.prepare("create", "--name", name, "-v", f"{volume}:/data", "--expose", "8080", "busybox", "true")
    volumes = (f"volume={volume}", "volume=/data", "volume=none")
    for condition in (*volumes, "expose=8080", "expose=9000/udp", "network=bridge"):
        s.docker("ps", "-a", "--filter", f"name={name}", "--filter", condition, "--format", "{{.Names}}")
    s.docker("rm", name)
    s.docker("volume", "rm", volume)
