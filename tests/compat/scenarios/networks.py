"""Networks and the containers in them."""

from compat.recording import scenario

ENDPOINT = "{{range $name, $n := .NetworkSettings.Networks}}[{{$name}} {{len $n.NetworkID}} {{$n.Aliases}}]{{end}}"
ADDRESS = "{{range .NetworkSettings.Networks}}{{.IPAddress}}/{{.IPPrefixLen}} {{.Gateway}} {{.MacAddress}}{{end}}"


@scenario
def network_create_and_remove(s):
    """A network is made, shown, listed and removed."""
    name = s.name()
    s.docker("network", "create", "--label", "a=b", "--internal", "--attachable", name)
    s.docker("network", "create", name, label="again")
    template = "{{.Name}} {{.Driver}} {{.Scope}} {{.Internal}} {{.Attachable}} {{json .Labels}} {{json .Containers}}"
    s.docker("network", "inspect", "-f", template, name)
    s.docker("network", "ls", "--filter", f"name={name}", "--format", "{{.Name}} {{.Driver}} {{.Scope}}")
    s.docker("network", "ls", "--filter", "label=a=b", "--filter", f"name={name}", "--format", "{{.Name}}")
    s.docker("network", "rm", name)
    s.docker("network", "rm", name, label="gone")
    s.docker("network", "inspect", name)


@scenario
def predefined_networks(s):
    """bridge, host and none are there and stay."""
    s.docker("network", "ls", "--filter", "type=builtin", "--format", "{{.Name}} {{.Driver}} {{.Scope}}")
    s.docker("network", "rm", "bridge")
    s.docker("network", "create", "host")
    s.docker("network", "inspect", "-f", "{{.Driver}} {{json .Containers}}", "none")


@scenario
def network_of_a_given_subnet(s):
    """Subnet, gateway and range are kept; addresses come from them."""
    network, name = s.name("n"), s.name()
    ranges = ["--subnet", "10.123.0.0/24", "--ip-range", "10.123.0.64/26", "--gateway", "10.123.0.9"]
    s.docker("network", "create", *ranges, network)
    s.docker("network", "inspect", "-f", "{{json .IPAM.Config}}", network)
    s.docker("network", "create", "--subnet", "10.123.0.0/16", s.name("m"), label="overlaps")
    s.prepare("run", "-d", "--name", name, "--network", network, "busybox", "sleep", "100")
    s.docker("inspect", "-f", ADDRESS, name)
    s.prepare("run", "-d", "--name", name + "2", "--network", network, "--ip", "10.123.0.7", "busybox", "sleep", "100")
    s.docker("inspect", "-f", ADDRESS, name + "2")
    s.docker("network", "inspect", "-f", "{{len .Containers}}", network)
    s.prepare("rm", "-f", name, name + "2")
    s.docker("network", "inspect", "-f", "{{len .Containers}}", network)
    s.docker("network", "rm", network)


@scenario
def network_in_use(s):
    """A network with a running container stays; an ended one does not hold it."""
    network, name = s.name("n"), s.name()
    s.docker("network", "create", network)
    s.prepare("run", "-d", "--name", name, "--network", network, "busybox", "sleep", "100")
    s.docker("ps", "--filter", f"network={network}", "--format", "{{.Names}} {{.Networks}}")
    s.docker("network", "prune", "-f", "--filter", "label=none", label="prune")
    s.docker("rm", "-f", name)
    s.docker("network", "rm", network)


@scenario
def network_of_a_created_container(s):
    """A container can be made in a network that there is not, and does not start."""
    name = s.name()
    s.prepare("create", "--name", name, "--network", "no-such-network", "busybox", "true")
    s.docker("inspect", "-f", "{{.State.Status}} {{.HostConfig.NetworkMode}}", name)
    s.docker("start", name)
    s.docker("rm", name)


@scenario
def connect_and_disconnect(s):
    """A running container joins a second network and leaves it."""
    network, name = s.name("n"), s.name()
    s.docker("network", "create", network)
    s.prepare("run", "-d", "--name", name, "busybox", "sleep", "100")
    s.docker("network", "connect", network, name)
    s.docker("inspect", "-f", "{{len .NetworkSettings.Networks}}", name)
    s.docker("network", "connect", network, name, label="twice")
    s.docker("network", "disconnect", network, name)
    s.docker("inspect", "-f", "{{len .NetworkSettings.Networks}}", name)
    s.docker("network", "disconnect", network, name, label="again")
    s.docker("network", "connect", "no-such-network", name)
    s.docker("network", "connect", network, "no-such-container")
    s.docker("rm", "-f", name)
    s.docker("network", "rm", network)


@scenario
def aliases_need_a_network_of_ones_own(s):
    """The bridge network has no aliases and no fixed addresses."""
    s.docker("run", "--rm", "--network-alias", "a", "busybox", "true", label="alias")
    s.docker("run", "--rm", "--ip", "172.17.0.9", "busybox", "true", label="address")


@scenario
def hosts_that_are_added(s):
    """--add-host is in /etc/hosts."""
    s.docker("run", "--rm", "--add-host", "db:10.1.1.1", "busybox", "grep", "-c", "^10.1.1.1.db", "/etc/hosts")
    s.docker("run", "--rm", "--add-host", "db:nowhere", "busybox", "true")
