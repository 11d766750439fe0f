"""The streams of exec as raw clients see them: heads, input and its end, detach keys, the size of the terminal."""

import re

from support.raw_http import stdcopy_frames

from compat.recording import scenario
from compat.scenarios.exec import API, create, running, start


@scenario
def exec_upgrade_heads(s):
    """101 for clients that ask for the upgrade, 200 for the others; the same stream behind both."""
    name = running(s)
    for tty in (False, True):
        for headers in (None, {"Connection": "close"}):
            exec_id = create(s, name, Cmd=["echo", "hi"], Tty=tty)
            with start(s, exec_id, tty, headers) as stream:
                fields = stream.headers()
                s.fact("status line", stream.head.split(b"\r\n")[0])
                s.fact("headers", [fields.get(name) for name in ("content-type", "connection", "upgrade", "ostype")])
                s.fact("stream", stream.read_all())


@scenario
def exec_input_without_upgrade(s):
    """What the client sends behind its body is the command's input, its half-close the end."""
    name = running(s)
    exec_id = create(s, name, Cmd=["sh", "-c", "cat; echo end"], AttachStdin=True)
    with start(s, exec_id, headers={}) as stream:
        stream.send(b"raw input\n")
        stream.end_input()
        s.fact("stream", stdcopy_frames(stream.read_all()))


@scenario
def exec_end_of_input_closes_a_terminals_client(s):
    """A terminal has no end of input: the client's end is its own, the command runs on."""
    name = running(s)
    exec_id = create(s, name, Cmd=["sh", "-c", "echo up; sleep 1000"], Tty=True, AttachStdin=True)
    with start(s, exec_id, tty=True) as stream:
        stream.read_until(b"up\r\n")
        stream.end_input()
        s.fact("rest", stream.read_all())
    s.fact("runs on", s.ask(f"{API}/exec/{exec_id}/json")["Running"])


@scenario
def exec_detach_keys(s):
    """The keys let the client go and the command run on; a beginning of them is passed on."""
    name = running(s)
    for keys, pressed in ((None, b"\x10\x11"), ("ctrl-a,b", b"\x01b")):
        body = {"DetachKeys": keys} if keys else {}
        exec_id = create(s, name, Cmd=["sh", "-c", "stty raw -echo; echo up; cat"], Tty=True, AttachStdin=True, **body)
        with start(s, exec_id, tty=True) as stream:
            stream.read_until(b"up")
            stream.send(pressed[:1] + b"x")
            s.fact("a beginning", stream.read_until(b"x").lstrip(b"\r\n"))
            stream.send(pressed)
            s.fact("behind the keys", stream.read_all(), label="behind the keys")
        s.fact("runs on", s.ask(f"{API}/exec/{exec_id}/json")["Running"], label="runs on")


@scenario
def exec_resize(s):
    """The terminal has the size that it is given."""
    name = running(s)
    exec_id = create(s, name, Cmd=["sh", "-c", "echo up; read line; stty size"], Tty=True, AttachStdin=True)
    with start(s, exec_id, tty=True) as stream:
        stream.read_until(b"up\r\n")
        s.http("POST", f"{API}/exec/{exec_id}/resize?h=33&w=101")
        stream.send(b"\n")
        s.fact("size", stream.read_all().split(b"\r\n")[-2])
    newer = [(re.compile(r'strconv\.Atoi: parsing \\"x\\"'), r'invalid resize height \\"x\\"')]
    s.http("POST", f"{API}/exec/{exec_id}/resize?h=x&w=101", label="bad height", replace=newer)


@scenario
def exec_runs_on_without_its_client(s):
    """A client that has gone does not end its command; the exit code is known later."""
    name = running(s)
    exec_id = create(s, name, Cmd=["sh", "-c", "echo up; while [ ! -e /tmp/go ]; do sleep 0.1; done; exit 5"])
    stream = start(s, exec_id)
    stream.read_until(b"up\n")
    stream.close()
    s.prepare("exec", name, "touch", "/tmp/go")
    code = None
    while code is None:
        code = s.ask(f"{API}/exec/{exec_id}/json")["ExitCode"]
    s.fact("exit code", code)
