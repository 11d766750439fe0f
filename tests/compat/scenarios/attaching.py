"""attach as clients do it: before the start, several at once, input and its end, detach keys, logs, terminals."""

import re

from support.raw_http import stdcopy_frames

from compat.recording import scenario

API = "/v1.41"
ALL = "stream=1&stdin=1&stdout=1&stderr=1"


def create(s, script, suffix="c", **config):
    """A container by the API; returns its name."""
    name = s.name(suffix)
    body = {"Image": "busybox", "Cmd": ["sh", "-c", script], "AttachStdout": True, **config}
    reply = s.http("POST", f"{API}/containers/create?name={name}", body, replace=[(re.compile(r'"Warnings":.*'), "")])
    assert reply.status == 201, reply.text()
    return name


def attach(s, name, query=ALL, headers=None):
    return s.hijack(f"{API}/containers/{name}/attach?{query}", headers=headers)


@scenario
def attach_before_start_misses_nothing(s):
    """The first byte arrives, however early it was written."""
    name = create(s, "echo first; echo second >&2; exit 3")
    with attach(s, name) as stream:
        s.prepare("start", name)
        frames = stdcopy_frames(stream.read_all())
    s.fact("stdout", [text for number, text in frames if number == 1])
    s.fact("stderr", [text for number, text in frames if number == 2])


@scenario
def attach_picks_streams(s):
    """Only what is asked for arrives."""
    for number, streams in enumerate(("stdout=1", "stderr=1", "stdout=1&stderr=1")):
        name = create(s, "echo out; echo err >&2", suffix=str(number))
        with attach(s, name, f"stream=1&{streams}") as stream:
            s.prepare("start", name)
            s.fact(streams, sorted(stdcopy_frames(stream.read_all())))


@scenario
def attach_input_that_ends_once(s):
    """StdinOnce: the end of the first client's input is the command's; its output still comes."""
    name = create(s, "cat; echo end", OpenStdin=True, StdinOnce=True)
    with attach(s, name) as stream:
        s.prepare("start", name)
        stream.send(b"one\ntwo\n")
        stream.end_input()
        s.fact("stream", stdcopy_frames(stream.read_all()))


@scenario
def attach_input_before_start(s):
    """What is sent before the start is kept for the command."""
    name = create(s, "cat; echo end", OpenStdin=True, StdinOnce=True)
    with attach(s, name) as stream:
        stream.send(b"early\n")
        stream.end_input()
        s.prepare("start", name)
        s.fact("stream", stdcopy_frames(stream.read_all()))


@scenario
def attach_input_that_stays_open(s):
    """Without StdinOnce the end of a client's input is the client's own; the next one goes on."""
    name = create(s, "echo up; read a; read b; echo $a $b", OpenStdin=True)
    s.prepare("start", name)
    s.wait_logs(name, "up")
    with attach(s, name) as stream:
        stream.send(b"one\n")
        stream.end_input()
        s.fact("first", stream.read_all())
    s.fact("runs", s.inspect(name)["State"]["Running"])
    with attach(s, name) as stream:
        stream.send(b"two\n")
        s.fact("second", stdcopy_frames(stream.read_all()))


@scenario
def attach_several_clients(s):
    """All of them get everything, each may write."""
    name = create(s, "echo up; read a; read b; echo $a $b; exit 4", OpenStdin=True)
    s.prepare("start", name)
    s.wait_logs(name, "up")
    with attach(s, name) as first, attach(s, name) as second:
        first.send(b"one\n")
        second.send(b"two\n")
        received = [stdcopy_frames(first.read_all()), stdcopy_frames(second.read_all())]
    words = sorted(received[0][0][1].split())
    s.fact("words", words)
    s.fact("the same", received[0] == received[1])


@scenario
def attach_end_without_input_is_no_leave(s):
    """A client that has no input closes its half at once and reads on."""
    name = create(s, "echo up; sleep 1; echo later")
    with attach(s, name, "stream=1&stdout=1") as stream:
        stream.end_input()
        s.prepare("start", name)
        s.fact("stream", stdcopy_frames(stream.read_all()))


@scenario
def attach_detach_keys(s):
    """The keys let the client go, and the container run on; a beginning of them is passed on."""
    for suffix, query, keys in (("a", ALL, b"\x10\x11"), ("b", ALL + "&detachKeys=ctrl-a,b", b"\x01b")):
        name = create(s, "stty raw -echo; echo up; cat", suffix=suffix, Tty=True, OpenStdin=True)
        with attach(s, name, query) as stream:
            s.prepare("start", name)
            stream.read_until(b"up")
            stream.send(keys[:1] + b"x")
            s.fact("a beginning", stream.read_until(b"x").lstrip(b"\r\n"))
            stream.send(keys)
            s.fact("behind the keys", stream.read_all())
        s.fact("runs", s.inspect(name)["State"]["Running"])


@scenario
def attach_detach_keys_need_a_terminal(s):
    """Without one they are input as any other."""
    name = create(s, "head -c 3 | od -An -tx1", OpenStdin=True, StdinOnce=True)
    with attach(s, name) as stream:
        s.prepare("start", name)
        stream.send(b"\x10\x11\n")
        s.fact("stream", stdcopy_frames(stream.read_all()))


@scenario
def attach_bad_detach_keys(s):
    """Keys that are none are refused in plain text."""
    name = create(s, "true")
    s.http("POST", f"{API}/containers/{name}/attach?{ALL}&detachKeys=nosuch", label="bad keys")


@scenario
def attach_logs(s):
    """logs=1 brings what was written before, with the stream or without."""
    name = create(s, "echo one; echo two; sleep 1000", OpenStdin=True)
    s.prepare("start", name)
    s.wait_logs(name, "two")
    with attach(s, name, "logs=1&stdout=1&stderr=1") as stream:
        s.fact("logs alone", stdcopy_frames(stream.read_all()))
    with attach(s, name, "logs=1&stream=1&stdout=1&stderr=1") as stream:
        s.fact("logs and stream", stdcopy_frames(stream.read_until(b"two\n")))
        s.prepare("kill", name)
        s.fact("rest", stream.read_all())


@scenario
def attach_without_stream(s):
    """Neither logs nor stream: the connection ends at once."""
    name = create(s, "sleep 1000")
    s.prepare("start", name)
    with attach(s, name, "stdout=1") as stream:
        s.fact("stream", stream.read_all())


@scenario
def attach_heads(s):
    """101 for who asks for the upgrade, 200 for others."""
    for suffix, tty in (("plain", False), ("tty", True)):
        name = create(s, "sleep 1000", suffix=suffix, Tty=tty)
        s.prepare("start", name)
        for headers in (None, {}):
            with attach(s, name, "stream=1&stdout=1", headers) as stream:
                fields = stream.headers()
                s.fact("head", [stream.status, *(fields.get(key) for key in ("content-type", "connection", "upgrade"))])


@scenario
def attach_errors(s):
    """Errors are plain text, and come before any upgrade."""
    s.http("POST", f"{API}/containers/no-such-container/attach?{ALL}")
    upgrade = {"Connection": "Upgrade", "Upgrade": "tcp"}
    s.http("POST", f"{API}/containers/no-such-container/attach?{ALL}", headers=upgrade)


@scenario
def attach_terminal(s):
    """A terminal's output is not framed, its input is echoed."""
    name = create(s, "echo up; read line; echo got $line", Tty=True, OpenStdin=True)
    with attach(s, name) as stream:
        s.prepare("start", name)
        stream.read_until(b"up\r\n")
        stream.send(b"word\n")
        s.fact("stream", stream.read_all())


@scenario
def attach_resize(s):
    """The container's terminal has the size that it is given."""
    name = create(s, "echo up; read line; stty size", Tty=True, OpenStdin=True)
    with attach(s, name) as stream:
        s.prepare("start", name)
        stream.read_until(b"up\r\n")
        s.http("POST", f"{API}/containers/{name}/resize?h=33&w=101")
        stream.send(b"\n")
        s.fact("size", stream.read_all().split(b"\r\n")[-2])


@scenario
def attach_command(s):
    """docker attach ends with the container and its exit code."""
    name = create(s, "echo up; sleep 1; echo later; exit 6")
    s.prepare("start", name)
    s.docker("attach", "--no-stdin", name, replace=[("up\n", "")])


@scenario
def attach_and_detach_events(s):
    """Both are events."""
    name = create(s, "stty raw -echo; echo up; cat", Tty=True, OpenStdin=True)
    watcher = s.background("events", "--filter", f"container={name}", "--format", "{{.Action}}")
    s.prepare("start", name)
    with attach(s, name) as stream:
        stream.send(b"\x10\x11")
        stream.read_all()
    s.prepare("rm", "-f", name)
    watcher.wait_output("destroy")
    watcher.interrupt(2)
    s.fact("events", [line for line in watcher.text().split() if line in ("attach", "detach")])


WEBSOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Origin": "http://docker",
}


def websocket(s, name, query):
    return s.hijack(f"{API}/containers/{name}/attach/ws?{query}", headers=WEBSOCKET, method="GET")


def message(payload):
    """A masked binary message of a client; the mask is zero."""
    return bytes([0x82, 0x80 | len(payload), 0, 0, 0, 0]) + payload


def payloads(data):
    """What the short messages in `data` carry, those that say goodbye left out."""
    carried = b""
    while len(data) >= 2:
        size = data[1] & 0x7F
        if data[0] & 0x0F in (1, 2):
            carried += data[2 : 2 + size]
        data = data[2 + size :]
    return carried


@scenario
def attach_websocket(s):
    """Output comes as it is, in messages; input goes the same way."""
    name = create(s, "echo up; read line; echo got $line", OpenStdin=True)
    with websocket(s, name, ALL) as stream:
        s.fact("head", [stream.status, stream.headers()["sec-websocket-accept"], stream.headers()["upgrade"]])
        s.prepare("start", name)
        s.fact("first", payloads(stream.read_until(b"up\n")))
        stream.send(message(b"word\n"))
        s.fact("rest", payloads(stream.read_all()))


@scenario
def attach_websocket_of_terminal(s):
    """A terminal, with a resize meanwhile."""
    name = create(s, "echo up; read line; stty size", Tty=True, OpenStdin=True)
    with websocket(s, name, ALL) as stream:
        s.prepare("start", name)
        stream.read_until(b"up\r\n")
        s.http("POST", f"{API}/containers/{name}/resize?h=33&w=101")
        stream.send(message(b"\n"))
        s.fact("rest", payloads(stream.read_all()))


@scenario
def attach_websocket_errors(s):
    """No such container; no WebSocket."""
    s.http("GET", f"{API}/containers/no-such-container/attach/ws?{ALL}", headers=WEBSOCKET)
    name = create(s, "true")
    reply = s.hijack(f"{API}/containers/{name}/attach/ws?{ALL}", headers={"Connection": "close"}, method="GET")
    s.fact("no upgrade", [reply.status, reply.read_all().strip()])
