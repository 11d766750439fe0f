"""`docker top` and `docker stats`: columns, titles, shapes, and containers that do not run."""

import re

from compat.recording import scenario

API = "/v1.41"
# Ids, times and loads differ; columns, users, terminals and commands do not.
_DIFFERING = [
    (re.compile(r"^(root|nobody|1234|\S+) +\d+ +\d+ +\d+ +\S+ +(\?|pts/\d+) +\d\d:\d\d:\d\d +(.*)$", re.MULTILINE),
     r"\1 PID PPID C STIME \2 TIME \3"),
    (re.compile(r"^(UID|USER|PID|PPID)\b.*$", re.MULTILINE), lambda line: " ".join(line.group(0).split())),
]


def running(s, *options, suffix="c", command=("sleep", "1000")):
    """A container that runs; returns its name."""
    name = s.name(suffix)
    s.prepare("run", "-d", "--name", name, *options, "busybox", *command)
    return name


def titles(s, name, arguments=""):
    query = "?ps_args=" + arguments.replace(" ", "+").replace("%", "%25") if arguments else ""
    return s.ask(f"{API}/containers/{name}/top{query}")


@scenario
def top_by_default(s):
    """The columns of `ps -ef`, one line for each process."""
    name = running(s)
    s.docker("top", name, replace=_DIFFERING)
    s.fact("titles", titles(s, name)["Titles"])
    s.fact("commands", [row[-1] for row in titles(s, name)["Processes"]])


@scenario
def top_titles_of_arguments(s):
    """Arguments of ps choose the columns."""
    name = running(s)
    for arguments in (
        "-ef", "aux", "-aux", "ax", "-e", "-eF", "-el", "-ely", "-elf", "-ej", "-efj", "axl", "axj",
        "-o pid,comm", "-eo pid,ppid,user,args", "-o pid,tty,stat,nlwp,ni,pri", "axo pid,cmd",
        "-eo pid,group,egroup,rgroup,ruser,euser,uid,gid", "-eo pid,pcpu,pmem,vsz,rss,sz,time,etime,s",
        "-o pid,comm=NAME",
    ):  # fmt: skip
        s.fact(f"titles of {arguments}", titles(s, name, arguments)["Titles"])


@scenario
def top_values_that_do_not_depend_on_the_moment(s):
    """Names, states and counts are those of ps."""
    name = running(s, "-u", "1234:1234")
    columns = "-o pid,comm,uid,gid,ruid,nlwp,ni,pri,tname,s,stat,bsdtime,cputime,args"
    s.fact("values", [row[1:] for row in titles(s, name, columns)["Processes"]])
    terminal = running(s, "-t", suffix="t")
    s.fact("with a terminal", [row[1:] for row in titles(s, terminal, "-o pid,stat,s")["Processes"]])


@scenario
def top_refusals(s):
    """Unknown and stopped containers, and arguments that ps does not have."""
    created = s.name()
    s.prepare("create", "--name", created, "busybox", "true")
    s.docker("top", created)
    s.docker("top", "no-such-container")
    name = running(s, suffix="r")
    s.fact("unknown column", "Processes" in titles(s, name, "-o pid,nosuch"))
    s.fact("unknown option", "Processes" in titles(s, name, "-Q"))
    s.fact("no PID", "Processes" in titles(s, name, "-o comm"))


@scenario
def stats_have_dockers_shape(s):
    """One look, and one with the CPU of a second before."""
    name = running(s)
    s.shape(f"{API}/containers/{name}/stats?stream=0")
    s.shape(f"{API}/containers/{name}/stats?stream=0&one-shot=1", label="one shot")
    used = s.ask(f"{API}/containers/{name}/stats?stream=0")
    s.fact("name", used["name"])
    s.fact("CPU before", used["precpu_stats"]["system_cpu_usage"] > 0)
    s.fact("a second apart", used["read"] > used["preread"])
    s.fact("interfaces", sorted(used["networks"]))


@scenario
def stats_of_stopped_containers_are_zeros(s):
    """Containers that do not run have zeros, unknown ones an error."""
    name = s.name()
    s.prepare("create", "--name", name, "busybox", "true")
    s.docker("stats", "--no-stream", "--format", "{{.Name}} {{.CPUPerc}} {{.MemUsage}} {{.NetIO}} {{.PIDs}}", name)
    s.docker("stats", "--no-stream", "no-such-container")
    both = s.http("GET", f"{API}/containers/{name}/stats?stream=1&one-shot=1", label="stream and one shot")
    s.fact("refused", both.status)
