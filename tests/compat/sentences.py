"""Sentences that engine 20.10 says otherwise than newer engines. Ours are the newer ones, so the old are translated."""

import re

_STATES = "created, running, paused, restarting, removing, exited, dead"

_TRANSLATIONS = [
    # What a start that fails says around the runtime's own words.
    (
        r"failed to create shim task: (OCI runtime create failed: [^\n]*?)(?:: unknown)?(?=\.?(?:\"\}|\n|$))",
        r"failed to create task for container: failed to create shim task: \1",
    ),
    (
        r"(OCI runtime exec failed: [^\n]*?): unknown(?=\.?(?:\r|\"\}|\n|\\r|$))",
        r"\1",
    ),
    (r"Error: Exec command ", "exec command "),
    (r"Cannot kill container: ", "cannot kill container: "),
    (r"Container (<id \d+>|[0-9a-f]{64}) is not running", r"container \1 is not running"),
    (r"The linux daemon does not support signal", "the linux daemon does not support signal"),
    (r"Invalid signal: ", "invalid signal: "),
    (r"Config cannot be empty in order", "config cannot be empty in order"),
    (r"No command specified", "no command specified"),
    (r"Content-Type specified \(([^)]*)\) must be", r"unsupported Content-Type header (\1): must be"),
    (
        r"(?<!policy: )invalid restart policy '(\w*)'",
        r"invalid restart policy: unknown policy '\1'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
    ),
    (
        r"maximum retry count cannot be used with restart policy '\w+'",
        "invalid restart policy: maximum retry count can only be used with 'on-failure'",
    ),
    (r"Unknown runtime specified (\S+)", r"unknown or invalid runtime name: \1"),
    (
        r"Invalid filter 'status=(\w+)'",
        rf"invalid filter 'status=\1': invalid value for state (\1): must be one of {_STATES}",
    ),
    (r"Invalid filter '", "invalid filter '"),
    (r"Bad parameters: you must choose at least one stream", "must specify at least one of 'stdout' or 'stderr'"),
    (r"no such image: \S+: (?=No such image: )", ""),
    (r"unable to remove repository reference \"(\S+)\" \(must force\)", r"unable to delete \1:latest (must be forced)"),
    (r"Multiple IDs found", "multiple IDs found"),
    # docker cp
    (r"pathcannot be empty", "path cannot be empty"),
    (r"Error processing tar file\(exit status 1\): ", ""),
    # docker build
    (r"(?m)^Removing intermediate container ", " ---> Removed intermediate container "),
    (r"dockerfile parse error line (\d+)", r"dockerfile parse error on line \1"),
    (r"Unknown flag: ", "unknown flag: "),
    (r"Missing a value on flag: ", "missing a value on flag: "),
    (r"Invalid containerPort: ", "invalid containerPort: "),
]


def in_newer_words(text):
    """The text with each sentence of 20.10 replaced by what a newer engine says in its place."""
    for pattern, replacement in _TRANSLATIONS:
        text = re.sub(pattern, replacement, text)
    return text
