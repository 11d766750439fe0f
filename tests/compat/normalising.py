"""Takes out of a recording what may differ from run to run, and leaves what must not.

Identifiers are numbered in the order in which a scenario meets them, so that an id printed by one command must still be
the id that another one prints.
"""

import re

from support.images import CREATED, CREATED_LATER

from compat.sentences import in_newer_words

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_CLI_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? [+-]\d{4} [A-Z]{3,4}")
_DURATION = re.compile(
    r"(?:Less than a second|About a minute|About an hour|\d+ (?:second|minute|hour|day|week|month|year)s?)( ago)?\b"
)
_ADDRESS = re.compile(r"\b(?:10|172|192)\.\d{1,3}\.\d{1,3}\.\d{1,3}\b")
_MAC = re.compile(r"\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b")
_SIZE = re.compile(r"\b\d+(?:\.\d+)?(?:B|kB|MB|GB)\b")
_ID = re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{12})\b")
_PULL_PROGRESS = re.compile(r"^[0-9a-f]{12}: .*\n", re.MULTILINE)
_VOLUME = re.compile(r"\b[0-9a-f]{14}…")
# An old CLI sometimes says that it gave up waiting, after it has said why.
_GAVE_UP = re.compile(r'^time="[^"]*" level=error msg="error waiting for container: context canceled"\n', re.MULTILINE)
_KEPT_TIMES = ("0001-01-01T00:00:00Z", CREATED, CREATED_LATER)


class Normaliser:
    """Normalises the steps of one scenario run, in order."""

    def __init__(self, registry_host, known_digests, is_old_engine):
        self._registry_host = registry_host
        self._known_digests = known_digests
        self._is_old_engine = is_old_engine
        self._numbers = {}

    def steps(self, steps):
        return [{name: self._text(value, step) for name, value in step.values.items()} for step in steps]

    def _text(self, text, step):
        if step.kind == "shape":
            return text
        for pattern, replacement in step.replacements:
            text = (
                re.sub(pattern, replacement, text)
                if not isinstance(pattern, str)
                else text.replace(pattern, replacement)
            )
        text = text.replace(self._registry_host, "<registry>")
        for digest, name in self._known_digests.items():
            text = text.replace(digest, f"<{name}>")
        text = _GAVE_UP.sub("", _PULL_PROGRESS.sub("", text)).replace(
            "manifest unknown: manifest unknown", "manifest unknown"
        )
        if self._is_old_engine:
            text = in_newer_words(text)
        text = _TIME.sub(lambda match: match[0] if match[0] in _KEPT_TIMES else "<time>", text)
        text = _CLI_TIME.sub("<time>", text)
        text = _DURATION.sub(lambda match: "<duration>" + (match[1] or ""), text)
        text = _MAC.sub("<mac>", text)
        text = _ADDRESS.sub("<address>", text)
        text = _VOLUME.sub("<volume>", text)
        text = _ID.sub(self._numbered, text)
        if step.kind == "table":
            text = re.sub(r" {2,}", "  ", _SIZE.sub("<size>", text))
            text = re.sub(r" +$", "", text, flags=re.MULTILINE)
        return text

    def _numbered(self, match):
        number = self._numbers.setdefault(match[0][:12], len(self._numbers) + 1)
        return f"<id {number}>" if len(match[0]) == 64 else f"<short id {number}>"
