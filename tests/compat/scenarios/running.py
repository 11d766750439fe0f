"""`docker run`: output, exit codes, options, and what cannot be run."""

import re
import signal

from compat.recording import scenario

EXIT_CODES = (0, 1, 2, 42, 125, 126, 127, 128, 130, 137, 143, 254, 255)


@scenario
def run_prints_output(s):
    """The command's output arrives, nothing else does, and --rm leaves nothing behind."""
    name = s.name()
    s.docker("run", "--rm", "--name", name, "busybox", "echo", "hi")
    s.wait_gone(name)
    s.docker("inspect", name)


@scenario
def run_keeps_outputs_apart(s):
    """Standard output and standard error arrive on the CLI's own."""
    s.docker("run", "--rm", "busybox", "sh", "-c", "echo one; echo two >&2; echo three; printf four >&2")


@scenario
def run_attaches_only_what_is_asked(s):
    """-a picks the streams."""
    script = "echo out; echo err >&2"
    s.docker("run", "--rm", "-a", "stdout", "busybox", "sh", "-c", script)
    s.docker("run", "--rm", "-a", "stderr", "busybox", "sh", "-c", script)


@scenario
def run_exit_codes(s):
    """The command's exit code is the CLI's."""
    for code in EXIT_CODES:
        s.docker("run", "--rm", "busybox", "sh", "-c", f"exit {code}")


@scenario
def run_reports_death_by_signal(s):
    """A command that a signal ends exits with 128 plus its number."""
    name = s.name()
    s.docker("run", "--name", name, "busybox", "sh", "-c", "sh -c 'kill -KILL $$'; exit $?")
    s.docker("inspect", "-f", "{{.State.ExitCode}} {{.State.OOMKilled}} {{.State.Error}}", name)


@scenario
def run_unknown_command(s):
    """A command that is not in PATH: exit code 127, and the container stays as created."""
    name = s.name()
    s.docker("run", "--name", name, "busybox", "no-such-command", "with", "arguments")
    s.docker("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}} {{.State.StartedAt}}", name)
    s.docker("run", "--rm", "busybox", "/no/such/file")


@scenario
def run_detached_unknown_command(s):
    """-d reports the same failure as an attached run."""
    name = s.name()
    s.docker("run", "-d", "--name", name, "busybox", "no-such-command")
    s.docker("ps", "-a", "--filter", f"name={name}", "--format", "{{.Names}} {{.Status}}")


@scenario
def run_not_executable(s):
    """A file without the executable bit and a folder: exit code 126."""
    s.docker("run", "--rm", "busybox", "/etc/passwd")
    s.docker("run", "--rm", "busybox", "/tmp", label="a folder")


@scenario
def run_unknown_image(s):
    """An image that its registry does not know: exit code 125, and no container is left."""
    name = s.name()
    s.docker("run", "--rm", "--name", name, f"{s.registry}/no/such:image", "true")
    s.docker("inspect", "-f", "{{.Id}}", name)


@scenario
def run_without_pulling(s):
    """--pull never with an image that is not here."""
    s.docker("run", "--rm", "--pull", "never", "no-such-image:here", "true")


@scenario
def run_bad_reference(s):
    """References that cannot be."""
    s.docker("run", "--rm", "Busybox", "true")
    s.docker("run", "--rm", "busybox:", "true")
    s.docker("run", "--rm", "busy box", "true")


@scenario
def run_detached(s):
    """-d prints the id and returns; wait gives the exit code."""
    name = s.name()
    s.docker("run", "-d", "--name", name, "busybox", "sh", "-c", "echo working; exit 3")
    s.docker("wait", name)
    s.docker("inspect", "-f", "{{.Id}} {{.State.Status}} {{.State.ExitCode}} {{.State.Running}}", name)
    s.docker("logs", name)


@scenario
def run_detached_and_removed(s):
    """-d --rm: the daemon removes the container when it has ended."""
    name = s.name()
    s.docker("run", "-d", "--rm", "--name", name, "busybox", "true")
    s.wait_gone(name)
    s.docker("ps", "-aq", "--filter", f"name={name}")


@scenario
def run_environment(s):
    """-e sets, passes on and overrides; --env-file reads a file; the image's own stays, and Fargate adds some."""
    file = s.file("environment", "# comment\nFROM_FILE=f1\nPASSED\n\nSPACED= a b \n")
    show = "env | grep -vE '^(HOSTNAME|SHLVL|PWD|HOME|AWS_.*|ECS_.*)=' | sort"
    s.docker(
        "run",
        "--rm",
        "-e",
        "A=1",
        "-e",
        "B=two words",
        "-e",
        "EMPTY=",
        "-e",
        "PASSED",
        "-e",
        "NOT_SET",
        "-e",
        "QUOTES=\"'$",
        "-e",
        "EQUALS=a=b=c",
        "--env-file",
        file,
        "busybox",
        "sh",
        "-c",
        show,
        environment={"PASSED": "from the client"},
    )
    s.docker("run", "--rm", "-e", "GREETING=changed", "--entrypoint", "sh", "hello", "-c", show)
    s.docker("run", "--rm", "-e", "PATH=/bin", "busybox", "sh", "-c", "echo $PATH")


@scenario
def run_home_and_hostname(s):
    """HOME is that of the user, HOSTNAME the short id unless -h says otherwise."""
    name = s.name()
    s.docker("run", "--name", name, "busybox", "sh", "-c", "echo $HOSTNAME", label="host name")
    s.docker("run", "--rm", "busybox", "sh", "-c", "echo $HOME")
    s.docker("inspect", "-f", "{{.Id}} {{.Config.Hostname}}", name)
    s.docker("run", "--rm", "-u", "www-data", "busybox", "sh", "-c", "echo $HOME")
    s.docker("run", "--rm", "-h", "box", "busybox", "sh", "-c", "echo $HOSTNAME", label="chosen host name")


@scenario
def run_working_folder(s):
    """-w: a folder that exists, one that does not, and a relative one."""
    s.docker("run", "--rm", "-w", "/etc", "busybox", "pwd")
    s.docker("run", "--rm", "-w", "/made/for/this", "busybox", "sh", "-c", "pwd; ls -A | wc -l")
    s.docker("run", "--rm", "-w", "relative", "busybox", "pwd")
    s.docker("run", "--rm", "hello", "in")
    s.docker("run", "--rm", "--entrypoint", "pwd", "hello")


@scenario
def run_user(s):
    """-u: by name, by number, with a group, and one that does not exist."""
    show = ("sh", "-c", "id -u; id -g; id -G; touch /tmp/mine && stat -c '%u %g' /tmp/mine")
    for user in ("nobody", "1234", "1234:5678", "www-data:staff", "0", "root:daemon"):
        s.docker("run", "--rm", "-u", user, "busybox", *show)
    s.docker("run", "--rm", "-u", "no-such-user", "busybox", "true", label="unknown user")
    s.docker("run", "--rm", "--entrypoint", "id", "hello", "-un")


@scenario
def run_entrypoint(s):
    """The image's entry point and command, each replaced or kept."""
    s.docker("run", "--rm", "hello")
    s.docker("run", "--rm", "hello", "other", "words")
    s.docker("run", "--rm", "--entrypoint", "cat", "hello", "greeting")
    s.docker("run", "--rm", "--entrypoint", "./greet.sh", "hello")
    s.docker("run", "--rm", "--entrypoint", "", "hello", "/bin/echo", "no", "entry point")
    s.docker("run", "--rm", "--entrypoint", "not-executable", "hello")
    s.docker("run", "--rm", "--entrypoint", "", "hello")


@scenario
def run_image_command(s):
    """Without a command the image's is run: a shell that ends at once, as nobody types."""
    s.docker("run", "--rm", "busybox")


@scenario
def run_labels(s):
    """-l, --label-file, and those of the image."""
    name, file = s.name(), s.file("labels", "from.file=yes\nonly.key\n")
    s.docker("run", "--name", name, "-l", "one=1", "-l", "bare", "-l", "spaced=a b=c", "--label-file", file, "hello")
    s.docker("inspect", "-f", "{{json .Config.Labels}}", name)


@scenario
def run_name_conflict(s):
    """A name that is taken: 125, and the first container is untouched."""
    name = s.name()
    s.docker("create", "--name", name, "busybox", "true")
    s.docker("run", "--rm", "--name", name, "busybox", "true")
    s.docker("run", "--rm", "--name", "bad name!", "busybox", "true")
    s.docker("run", "--rm", "--name", "x", "busybox", "true")
    s.docker("inspect", "-f", "{{.Id}} {{.State.Status}}", name)


@scenario
def run_reads_standard_input(s):
    """-i: the command reads the CLI's input to its end, also when it is large."""
    s.docker("run", "-i", "--rm", "busybox", "cat", stdin="first\nsecond\n")
    s.docker("run", "-i", "--rm", "busybox", "sh", "-c", "wc -c; echo after", stdin="x" * 1_000_000)
    s.docker("run", "-i", "--rm", "busybox", "head", "-n", "1", stdin="one\ntwo\n")
    s.docker("run", "--rm", "busybox", "cat", stdin="not attached\n")


@scenario
def run_large_output(s):
    """Nothing of a large output is lost, and its order is kept."""
    s.docker("run", "--rm", "busybox", "seq", "1", "50000")
    s.docker("run", "--rm", "busybox", "sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x; echo; echo end >&2")


@scenario
def run_binary_output(s):
    """Every byte arrives as it was written."""
    octal = "".join(f"\\{byte:03o}" for byte in range(256))
    s.docker("run", "--rm", "busybox", "printf", octal)
    s.docker("run", "--rm", "busybox", "printf", "no line end")


@scenario
def run_with_terminal(s):
    """-t: one stream, and lines end as on a terminal."""
    s.docker("run", "-t", "--rm", "busybox", "sh", "-c", "test -t 1 && echo terminal; echo err >&2")


@scenario
def run_argument_words(s):
    """Arguments reach the command as they were given, not through a shell."""
    s.docker("run", "--rm", "busybox", "printf", "[%s]\\n", "a b", "", "$HOME", "*", "'q'", '"d"', "new\nline", "ünï")
    s.docker("run", "--rm", "busybox", "sh", "-c", 'printf "[%s]\\n" "$@"', "sh", "a  b", "-c", "--")


@scenario
def run_invalid_options(s):
    """What the daemon refuses at create: nothing is left of it."""
    name = s.name()
    s.docker("run", "--rm", "--name", name, "-m", "1m", "busybox", "true")
    s.docker("run", "--rm", "--name", name, "-e", "=x", "busybox", "true")
    s.docker("run", "--rm", "--name", name, "--stop-signal", "NOSUCH", "busybox", "true")
    s.docker("run", "--rm", "--name", name, "--restart", "always", "busybox", "true")
    s.docker("run", "--rm", "--name", name, "--restart", "sometimes", "busybox", "true")
    s.docker("run", "--rm", "--name", name, "--log-driver", "nosuch", "busybox", "true")
    s.docker("run", "--rm", "--name", name, "--runtime", "nosuch", "busybox", "true")
    s.docker("ps", "-aq", "--filter", f"name={name}")


@scenario
def run_cid_file(s):
    """--cidfile holds the id that inspect shows."""
    name = s.name()
    file = s.folder / "cid"
    s.docker("run", "--cidfile", file, "--name", name, "busybox", "true")
    s.fact("the file's content", file.read_text())
    s.docker("inspect", "-f", "{{.Id}}", name)


@scenario
def run_generated_name(s):
    """Without --name a container has two words for a name."""
    result = s.docker("run", "-d", "-l", "generated=name", "busybox", "true")
    name = s.prepare("inspect", "-f", "{{.Name}}", result.stdout.strip())
    s.fact("has a name of two words", bool(re.fullmatch(r"/[a-z]+_[a-z]+\d?", name)))
    s.prepare("wait", name[1:])
    s.prepare("rm", name[1:])


@scenario
def run_passes_signals_on(s):
    """A signal to the CLI reaches the command, and the run ends with what the command makes of it."""
    name = s.name()
    script = "trap 'echo caught; exit 9' USR2; echo ready; while :; do sleep 0.1; done"
    running = s.background("run", "--name", name, "busybox", "sh", "-c", script)
    running.wait_output("ready")
    running.interrupt(signal.SIGUSR2)
    running.finish()
    s.docker("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", name)
