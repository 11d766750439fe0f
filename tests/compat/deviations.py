"""Where our answer must differ from that of Docker engine 20.10, and why. What is not listed here must be equal.

The key is a scenario and the label of one of its steps. `expects` gives the observations that differ: a text, a
compiled pattern that the whole observation must match, or a function of the engine's answer.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Deviation:
    because: str  # quoted from the specification or from the documented deviations, or the newer engine's behaviour
    expects: dict


_STOP = "ECS backend, stop: state after is `exited` with exit code 0"
_KILL = "ECS backend, kill: SIGKILL is exit code 137, the other terminating signals are exit code 0"
_ONE_STREAM = "ECS backend, logs: stdout and stderr are all treated as stdout (stream type 1)"
_EVENTS = "CloudWatch Logs keeps events, not bytes: no empty lines, and each event is a line"
_STATIC_INFO = "ECS backend, info: static, Driver=ecs-fargate, OS=AWS Fargate, 2 CPUs, 4GB RAM"
_METADATA = "Images: creates synthetic image in local store; hash of reference as ID; metadata only"
_FARGATE_HOST = "ECS tasks always use awsvpc networking, where the host's name is Fargate's"
_NEWER_RUNTIME = "newer runtimes say what it is"
_VERSIONS = "API versions 1.24 to 1.51"
_NEWER = "newer engines answer bad input with 400 and say where it is"
_NEWER_SENTENCES = "sentences follow the newer engine"
_NEWER_WORDS = "newer engines name the container in this sentence"


_BUILD_RUNS_NOTHING = "DESIGN: RUN is shown and not executed, and the output says so"
_REQUEST_AT_FAULT = "docs/compatibility.md, build: a mistake of the request is a 400"
_LOWER_CASE = r"invalid reference format: repository name \(\w+\) must be lowercase\n"

_NOT_FOUND = "newer engines give 127 for what is not there"
_REFUSED_AT_CREATE = "newer engines look the user up when the exec is created"
_STARTED_ALL_THE_SAME = "a file that the kernel does not execute is told as any other command that cannot be run"
_KEYS_DETACH = "20.10 takes its own detach keys for an error; with newer engines the command runs on"

_HOST_NAME_WARNING = "WARNING: Hostname: Fargate gives the task a host name of its own\n"


def _message(pattern):
    """A JSON error whose message matches the pattern."""
    return re.compile(r'\{"message":"(?:' + pattern + r')"\}\n?')


def _command_error(text):
    return f"Error response from daemon: {text}\n"


_NO_UNTAR_PROCESS = "newer engines unpack in their own process, and call bad requests so"
_HOST_PATH = "the engine shows where the container's files are on its host"

DEVIATIONS = {
    ("put_archives_that_are_refused", "no folder"): Deviation(_NO_UNTAR_PROCESS, {"status": "400"}),
    ("put_archives_that_are_refused", "folder by file"): Deviation(
        "a tar that may not be unpacked is the request's fault",
        {"status": "400", "body": _message(r'cannot overwrite directory \\"/tmp\\" with non-directory \\"/\\"')},
    ),
    ("copy_what_is_missing", "file as a folder"): Deviation(
        _HOST_PATH, {"stderr": _command_error("lstat /etc/passwd/: not a directory")}
    ),
    ("stop_running", "state after stop"): Deviation(_STOP, {"stdout": "exited false false false 0 \n"}),
    ("stop_running", "status after stop"): Deviation(_STOP, {"stdout": "Exited (0) <duration> ago\n"}),
    ("stop_running", "exit code after stop"): Deviation(_STOP, {"stdout": "0\n"}),
    ("kill_with_terminating_signal", "exit code after TERM"): Deviation(_KILL, {"stdout": "0\n"}),
    ("kill_with_terminating_signal", "state after TERM"): Deviation(_KILL, {"stdout": "exited false false false 0 \n"}),
    ("logs_of_both_streams", "both streams"): Deviation(
        _ONE_STREAM, {"stdout": lambda engine: engine["stdout"] + engine["stderr"], "stderr": ""}
    ),
    ("logs_of_empty_lines", "with empty lines"): Deviation(_EVENTS, {"stdout": "a\nb\n"}),
    ("logs_without_line_end", "unfinished line"): Deviation(_EVENTS, {"stdout": "a\nb\n"}),
    ("info_fields", "driver"): Deviation(_STATIC_INFO, {"stdout": "ecs-fargate\n"}),
    ("info_fields", "operating system"): Deviation(_STATIC_INFO, {"stdout": "AWS Fargate\n"}),
    ("info_fields", "memory"): Deviation(_STATIC_INFO, {"stdout": re.compile(r"4(?:0{9}|294967296)\n")}),
    ("info_fields", "processors"): Deviation(_STATIC_INFO, {"stdout": "2\n"}),
    ("inspect_driver", "driver"): Deviation(_STATIC_INFO, {"stdout": "ecs-fargate\n"}),
    ("version_fields", "api version"): Deviation(_VERSIONS, {"stdout": "1.51\n"}),
    ("version_fields", "oldest api version"): Deviation(_VERSIONS, {"stdout": "1.24\n"}),
    ("ping", "api version"): Deviation(_VERSIONS, {"api-version": "1.51"}),
    ("unsupported_versions", "too new"): Deviation(
        _VERSIONS, {"body": _message(r"client version 9\.99 is too new\. Maximum supported API version is 1\.51")}
    ),
    ("unsupported_versions", "too old"): Deviation(
        _VERSIONS,
        {
            "body": _message(
                r"client version 1\.10 is too old\. Minimum supported API version is 1\.24, "
                r"please upgrade your client to a newer version"
            ),
            "content-type": "application/json",
        },
    ),
    ("network_of_a_given_subnet", "overlaps"): Deviation(
        _NEWER_SENTENCES,
        {"stderr": re.compile(r"Error response from daemon: invalid pool request: Pool overlaps .+\n")},
    ),
    ("connect_and_disconnect", "again"): Deviation(
        _NEWER_SENTENCES,
        {"stderr": re.compile(r"Error response from daemon: container .+ is not connected to the network .+\n")},
    ),
    ("create_with_bad_bodies", "bad JSON"): Deviation(_NEWER, {"status": "400", "body": _message("invalid JSON: .+")}),
    ("create_with_bad_bodies", "empty body"): Deviation(
        _NEWER,
        {"status": "400", "body": _message("invalid JSON: .+|config cannot be empty in order to create a container")},
    ),
    ("create_with_bad_bodies", "no body"): Deviation(
        _NEWER,
        {"status": "400", "body": _message("invalid JSON: .+|config cannot be empty in order to create a container")},
    ),
    ("create_with_bad_bodies", "trailing text"): Deviation(
        _NEWER, {"status": "400", "body": _message("unexpected content after JSON|invalid JSON: .+")}
    ),
    ("create_with_bad_bodies", "a list"): Deviation(_NEWER, {"status": "400", "body": _message("invalid JSON: .+")}),
    ("create_with_bad_bodies", "a number for the image"): Deviation(
        _NEWER, {"status": "400", "body": _message("invalid JSON: .+")}
    ),
    ("create_with_bad_bodies", "text for a list"): Deviation(
        _NEWER, {"status": "400", "body": _message("invalid JSON: .+")}
    ),
    ("create_with_bad_values", "reference in capitals"): Deviation(
        _NEWER, {"body": _message(r"invalid reference format: repository name \(library/Bad\) must be lowercase")}
    ),
    ("list_with_bad_values", "not JSON"): Deviation(_NEWER, {"status": "400", "body": _message("invalid filter.*")}),
    ("list_with_bad_values", "limit"): Deviation(_NEWER, {"status": "400"}),
    ("images_with_bad_values", "not JSON"): Deviation(_NEWER, {"status": "400", "body": _message("invalid filter.*")}),
    ("images_with_bad_values", "reference in capitals"): Deviation(
        _NEWER, {"status": "400", "body": _message("invalid reference format.*")}
    ),
    ("calls_with_bad_values", "bad since"): Deviation(
        _NEWER, {"status": "400", "body": _message(r'invalid value for \\"since\\": .*')}
    ),
    ("ps_filter_errors", "exit code that is no number"): Deviation(
        _NEWER, {"stderr": re.compile(r"Error response from daemon: .*nosuch.*\n")}
    ),
    ("ambiguous_prefix", "ambiguous"): Deviation(
        "an ambiguous reference is the client's mistake",
        {"value": re.compile("4.. multiple IDs found with provided prefix: <prefix>")},
    ),
    ("rm_of_running", "running"): Deviation(
        _NEWER_WORDS,
        {
            "stderr": _command_error(
                'cannot remove container "rm-of-running-c": container is running: '
                "stop the container before removing or force remove"
            )
        },
    ),
    ("kill_errors", "no such signal"): Deviation(
        _NEWER_WORDS, {"stderr": _command_error("cannot kill container: kill-errors-running: invalid signal: NOSUCH")}
    ),
    ("calls_with_bad_values", "bad signal"): Deviation(
        _NEWER_WORDS, {"body": _message("cannot kill container: calls-with-bad-values-c: invalid signal: BOGUS")}
    ),
    ("calls_with_bad_values", "pause"): Deviation(
        "ECS backend, pause: not supported, NotImplementedError", {"status": "501", "body": _message(".+")}
    ),
    ("pull_for_other_architecture", "other architecture"): Deviation(
        _METADATA,
        {
            "stderr": re.compile(
                r"no matching manifest for linux/\w+ in the manifest list entries \(there are: .+\)\n"
            ),
        },
    ),
    ("rmi_image", "untagged"): Deviation(
        _METADATA,
        {"stdout": re.compile(r"Untagged: busybox:1\.36\n(Untagged: busybox@.*\n)?Deleted: sha256:<id \d+>\n")},
    ),
    ("run_not_executable", "a folder"): Deviation(
        _NEWER_RUNTIME,
        {
            "stderr": lambda engine: re.compile(
                re.escape(engine["stderr"]).replace(
                    re.escape("permission denied"), "(permission denied|is a directory)"
                )
            )
        },
    ),
    ("run_home_and_hostname", "chosen host name"): Deviation(
        _FARGATE_HOST, {"stderr": _HOST_NAME_WARNING}
    ),
    ("inspect_options", "with options"): Deviation(_FARGATE_HOST, {"stderr": _HOST_NAME_WARNING}),
    ("ps_filter_errors", "before nothing"): Deviation(
        _NEWER, {"stderr": re.compile("Error response from daemon: [Nn]o such container:? no-such-container\n")}
    ),
    ("calls_with_bad_values", "bad condition"): Deviation(
        _NEWER, {"status": "400", "body": _message(r'invalid condition: \\"bogus\\"')}
    ),
    ("exec_unknown_command", "not found"): Deviation(_NOT_FOUND, {"exit code": "127"}),
    ("exec_unknown_command", "no such path"): Deviation(_NOT_FOUND, {"exit code": "127"}),
    ("exec_unknown_command", "terminal"): Deviation(_NOT_FOUND, {"exit code": "127"}),
    ("exec_working_directory", "no such folder"): Deviation(_NOT_FOUND, {"exit code": "127"}),
    ("exec_unknown_command", "a folder"): Deviation(
        _NEWER_RUNTIME, {"stdout": lambda engine: engine["stdout"].replace("permission denied", "is a directory")}
    ),
    ("exec_as_user", "no such user"): Deviation(
        _REFUSED_AT_CREATE,
        {
            "exit code": "1",
            "stdout": "",
            "stderr": _command_error("unable to find user no-such-user: no matching entries in passwd file"),
        },
    ),
    ("exec_as_user", "no such group"): Deviation(
        _REFUSED_AT_CREATE,
        {
            "exit code": "1",
            "stdout": "",
            "stderr": _command_error("unable to find group no-such-group: no matching entries in group file"),
        },
    ),
    ("exec_of_a_script_without_interpreter", "no interpreter"): Deviation(
        _STARTED_ALL_THE_SAME,
        {
            "exit code": "127",
            "stdout": "OCI runtime exec failed: exec failed: unable to start container process: "
            "exec /tmp/s: no such file or directory\r\n",
            "stderr": "",
        },
    ),
    ("exec_of_a_script_without_interpreter", "no format"): Deviation(
        _STARTED_ALL_THE_SAME,
        {
            "exit code": "126",
            "stdout": "OCI runtime exec failed: exec failed: unable to start container process: "
            "exec /tmp/j: exec format error\r\n",
            "stderr": "",
        },
    ),
    ("exec_with_bad_bodies", "bad JSON"): Deviation(_NEWER, {"status": "400", "body": _message("invalid JSON: .+")}),
    ("exec_with_bad_bodies", "bad keys"): Deviation(
        _NEWER, {"status": "400", "body": _message(r"Invalid detach keys \(nosuch\) provided")}
    ),
    ("exec_detach_keys", "behind the keys"): Deviation(_KEYS_DETACH, {"value": "b''"}),
    ("exec_detach_keys", "runs on"): Deviation(_KEYS_DETACH, {"value": "True"}),
    ("pull_from_unreachable_registry", "unreachable"): Deviation(
        "a pull is metadata only; when the registry can't be reached the image is synthetic",
        {
            "exit code": "0",
            "stderr": re.compile(".*", re.DOTALL),
            "stdout": re.compile(
                r".*Status: Downloaded newer image for 127\.0\.0\.1:1/some/image:latest\n.*", re.DOTALL
            ),
        },
    ),
    ("build_run_instruction", "build"): Deviation(
        _BUILD_RUNS_NOTHING,
        {
            "stdout": re.compile(
                r".*Step 2/3 : RUN echo made > /made\n ---> Not executed: .*\n ---> <short id 2>\n.*"
                r"\[Warning\] 1 RUN instruction was not executed: .*\n.*Successfully tagged built:1\n",
                re.DOTALL,
            )
        },
    ),
    ("build_failing_steps", "bad base"): Deviation(_NEWER, {"stderr": re.compile(f"(?s:.*)\n{_LOWER_CASE}")}),
    ("build_failing_steps", "bad source image"): Deviation(
        _NEWER, {"stderr": re.compile(f"(?s:.*)\ninvalid from flag value Bad/Image: {_LOWER_CASE}")}
    ),
    ("build_raw_requests", "arguments"): Deviation(
        _NEWER, {"body": _message("error reading build args: invalid JSON.*")}
    ),
    ("build_raw_requests", "labels"): Deviation(_NEWER, {"body": _message("error reading labels: invalid JSON.*")}),
    ("build_raw_requests", "digest"): Deviation(_NEWER, {"status": "400"}),
    ("build_raw_requests", "outside"): Deviation(_REQUEST_AT_FAULT, {"status": "400"}),
    ("build_raw_requests", "no tar"): Deviation(_REQUEST_AT_FAULT, {"status": "400"}),
    ("build_raw_requests", "nothing"): Deviation(_REQUEST_AT_FAULT, {"status": "400"}),
    ("build_raw_requests", "cancel"): Deviation(_NEWER, {"status": "400"}),
}

# Fields of 20.10's JSON that need not be in ours, by the end of their path.
OBSOLETE_FIELDS = {
    ".Container": "the container that `docker commit` used; newer engines do not say it",
    ".ContainerConfig": "as .Container",
    ".KernelMemory": "newer kernels and engines have no limit on it",
    ".KernelMemoryTCP": "as .KernelMemory",
    ".BridgeNfIptables": "newer engines do not look at it",
    ".BridgeNfIp6tables": "as .BridgeNfIptables",
}

# Objects whose keys are names that differ from machine to machine.
MAPS = (".Runtimes",)


def expected_of(scenario, label, engine_values):
    """What we must answer where the engine has answered `engine_values`."""
    deviation = DEVIATIONS.get((scenario, label)) if label else None
    if not deviation:
        return engine_values
    expected = dict(engine_values)
    for name, wanted in deviation.expects.items():
        expected[name] = wanted(engine_values) if callable(wanted) else wanted
    return expected


def labels_of(scenario):
    """The labels of the scenario's steps for which there are deviations."""
    return [label for name, label in DEVIATIONS if name == scenario]
