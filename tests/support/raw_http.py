"""HTTP/1.1 requests as bytes over a unix socket or TCP, for what a well-behaved client would never send."""

import json
import socket
from dataclasses import dataclass, field
from urllib.parse import urlparse


@dataclass
class Reply:
    status: int
    headers: dict = field(default_factory=dict)  # names in lower case
    body: bytes = b""

    def json(self):
        return json.loads(self.body)

    def text(self):
        return self.body.decode(errors="replace")


def connect(address, timeout=20.0):
    """A connected socket; `address` is unix:///path, tcp://host:port or http://host:port."""
    url = urlparse(address)
    if url.scheme == "unix":
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(timeout)
        connection.connect(url.path)
        return connection
    return socket.create_connection((url.hostname, url.port), timeout)


def request(address, method, path, body=None, headers=None, timeout=20.0):
    """One request on a connection of its own. A dict or list as body is sent as JSON."""
    fields = {"Host": "docker", "Connection": "close"}
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
        fields["Content-Type"] = "application/json"
    if isinstance(body, str):
        body = body.encode()
    if body is not None:
        fields["Content-Length"] = str(len(body))
    elif method in ("POST", "PUT"):
        fields["Content-Length"] = "0"
    fields.update(headers or {})
    head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n"
    with connect(address, timeout) as connection:
        connection.sendall(head.encode() + (body or b""))
        return read_reply(connection.makefile("rb"), method)


def read_reply(stream, method="GET"):
    """Reads one reply: by its length, its chunks, or until the connection ends."""
    status_line = stream.readline()
    if not status_line:
        raise ConnectionError("the server closed the connection without an answer")
    status = int(status_line.split()[1])
    headers = {}
    while True:
        line = stream.readline().strip()
        if not line:
            break
        name, _, value = line.decode().partition(":")
        headers[name.strip().lower()] = value.strip()
    if method == "HEAD" or status in (101, 204, 304):
        return Reply(status, headers)
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return Reply(status, headers, _read_chunks(stream))
    if "content-length" in headers:
        return Reply(status, headers, stream.read(int(headers["content-length"])))
    return Reply(status, headers, stream.read())


def _read_chunks(stream):
    body = b""
    while True:
        size = int(stream.readline().split(b";")[0], 16)
        body += stream.read(size)
        stream.readline()
        if size == 0:
            return body


def answers(address, path="/_ping", timeout=2.0):
    """Whether a server at `address` answers 200; no error while it is not there yet."""
    try:
        return request(address, "GET", path, timeout=timeout).status == 200
    except (OSError, ValueError, IndexError):
        return False
