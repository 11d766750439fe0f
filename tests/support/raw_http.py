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
    body = bytearray()
    while True:
        size = int(stream.readline().split(b";")[0], 16)
        body += stream.read(size)
        stream.readline()
        if size == 0:
            return bytes(body)


def answers(address, path="/_ping", timeout=2.0):
    """Whether a server at `address` answers 200; no error while it is not there yet."""
    try:
        return request(address, "GET", path, timeout=timeout).status == 200
    except (OSError, ValueError, IndexError):
        return False


class Hijacked:
    """A connection that was handed over to a container's process: what came as head, and the stream behind it."""

    def __init__(self, connection):
        self._connection = connection
        self.head = b""
        while not self.head.endswith(b"\r\n\r\n"):
            byte = connection.recv(1)
            if not byte:
                raise ConnectionError(f"the server closed the connection behind {self.head!r}")
            self.head += byte

    @property
    def status(self):
        return int(self.head.split()[1])

    def headers(self):
        """Names in lower case."""
        lines = self.head.decode().split("\r\n")[1:]
        return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}

    def send(self, data):
        self._connection.sendall(data)

    def end_input(self):
        self._connection.shutdown(socket.SHUT_WR)

    def read(self, size=65536):
        """What is there, b"" at the end."""
        return self._connection.recv(size)

    def read_into(self, buffer):
        """How many bytes came into the buffer, 0 at the end."""
        return self._connection.recv_into(buffer)

    def read_until(self, text):
        """What has come until it holds `text`, or ended."""
        received = b""
        while text not in received:
            part = self.read()
            if not part:
                break
            received += part
        return received

    def read_all(self):
        received = b""
        while part := self.read():
            received += part
        return received

    def close(self):
        self._connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def hijack(address, path, body=None, method="POST", headers=None, timeout=60.0):
    """Sends the request and hands its connection over. Without `headers`, the upgrade is asked for as the CLI does."""
    fields = {"Host": "docker"}
    fields.update({"Connection": "Upgrade", "Upgrade": "tcp"} if headers is None else headers)
    payload = json.dumps(body).encode() if body is not None else b""
    if body is not None:
        fields["Content-Type"] = "application/json"
    if method == "POST":
        fields["Content-Length"] = str(len(payload))
    head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n"
    connection = connect(address, timeout)
    connection.sendall(head.encode() + payload)
    return Hijacked(connection)


def stdcopy_frames(data):
    """The (stream, payload) pairs of a multiplexed stream, neighbours of one stream joined."""
    frames, at = [], 0  # pairs of a stream and the parts of its payload
    while at < len(data):
        stream, size = data[at], int.from_bytes(data[at + 4 : at + 8], "big")
        if not frames or frames[-1][0] != stream:
            frames.append((stream, []))
        frames[-1][1].append(data[at + 8 : at + 8 + size])
        at += 8 + size
    return [(stream, b"".join(parts)) for stream, parts in frames]
