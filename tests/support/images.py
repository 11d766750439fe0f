"""Container images made on this machine, without Docker: a busybox root and configurations around it."""

import gzip
import hashlib
import io
import json
import platform
import subprocess
import tarfile
from dataclasses import dataclass, field

from support.paths import system_program

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CREATED = "2024-05-01T10:20:30Z"
CREATED_LATER = "2024-06-02T11:21:31Z"
CREATED_SECONDS = 1714558830

DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"

_PASSWD = """\
root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
www-data:x:33:33:www-data:/var/www:/bin/false
nobody:x:65534:65534:nobody:/home:/bin/false
"""
_GROUP = """\
root:x:0:
daemon:x:1:
tty:x:5:
staff:x:50:www-data
www-data:x:33:
nobody:x:65534:
"""


def digest_of(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def machine_architecture():
    """This machine's architecture in the words of image configurations."""
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


@dataclass
class Layer:
    """One layer: the compressed bytes that a registry stores, and the digest of what they unpack to."""

    content: bytes
    diff_id: str

    @staticmethod
    def of_tar(tar):
        return Layer(gzip.compress(tar, compresslevel=6, mtime=0), digest_of(tar))


@dataclass
class Image:
    """What is pushed: layers and the configuration, written as Docker or as OCI media types."""

    layers: list
    config: dict
    oci: bool = False
    architecture: str = field(default_factory=machine_architecture)
    created: str = CREATED

    def config_bytes(self):
        return json.dumps(
            {
                "architecture": self.architecture,
                "config": self.config,
                "created": self.created,
                "history": [
                    {"created": self.created, "created_by": f"layer {n}"} for n, _ in enumerate(self.layers, 1)
                ],
                "os": "linux",
                "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in self.layers]},
            },
            sort_keys=True,
        ).encode()

    @property
    def media_type(self):
        return OCI_MANIFEST if self.oci else DOCKER_MANIFEST

    def manifest_bytes(self):
        config = self.config_bytes()
        return json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": self.media_type,
                "config": _descriptor(OCI_CONFIG if self.oci else DOCKER_CONFIG, config),
                "layers": [
                    _descriptor(OCI_LAYER if self.oci else DOCKER_LAYER, layer.content) for layer in self.layers
                ],
            },
            indent=3,
        ).encode()


def list_bytes(images):
    """A manifest list (Docker's kind) that offers one image for each architecture."""
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": DOCKER_LIST,
            "manifests": [
                dict(
                    _descriptor(image.media_type, image.manifest_bytes()),
                    platform={"architecture": image.architecture, "os": "linux"},
                )
                for image in images
            ],
        },
        indent=3,
    ).encode()


def _descriptor(media_type, content):
    return {"mediaType": media_type, "size": len(content), "digest": digest_of(content)}


class TarWriter:
    """Writes a layer whose bytes depend on its content alone."""

    def __init__(self):
        self._buffer = io.BytesIO()
        self._tar = tarfile.open(fileobj=self._buffer, mode="w", format=tarfile.USTAR_FORMAT)

    def folder(self, path, mode=0o755, uid=0, gid=0):
        self._add(path, tarfile.DIRTYPE, mode, uid=uid, gid=gid)

    def file(self, path, content, mode=0o644):
        self._add(path, tarfile.REGTYPE, mode, content=content)

    def link(self, path, target):
        self._add(path, tarfile.SYMTYPE, 0o777, target=target)

    def hard_link(self, path, target):
        self._add(path, tarfile.LNKTYPE, 0o755, target=target)

    def finish(self):
        self._tar.close()
        return Layer.of_tar(self._buffer.getvalue())

    def _add(self, path, kind, mode, content=b"", target="", uid=0, gid=0):
        entry = tarfile.TarInfo(path)
        entry.type, entry.mode, entry.mtime, entry.linkname = kind, mode, CREATED_SECONDS, target
        entry.uid, entry.gid, entry.size = uid, gid, len(content)
        self._tar.addfile(entry, io.BytesIO(content))


def busybox_layer():
    """The root of the busybox image: the distribution's static busybox and a name in /bin for each of its applets."""
    program = "/bin/busybox"
    with open(program, "rb") as file:
        content = file.read()
    applets = subprocess.run(
        [system_program("busybox"), "--list"], check=True, capture_output=True, text=True
    ).stdout.split()

    tar = TarWriter()
    tar.folder("bin/")
    tar.file("bin/busybox", content, 0o755)
    for applet in sorted(set(applets) - {"busybox"}):
        # Hard links, as in the image that everybody knows: the program is `exec`ed under the applet's name.
        tar.hard_link(f"bin/{applet}", "bin/busybox")
    for folder in (
        "dev/",
        "etc/",
        "home/",
        "proc/",
        "sys/",
        "usr/",
        "usr/bin/",
        "usr/sbin/",
        "var/",
        "var/spool/",
        "var/www/",
    ):
        tar.folder(folder)
    tar.link("usr/bin/env", "../../bin/env")
    tar.folder("root/", 0o700)
    tar.folder("tmp/", 0o1777)
    tar.file("etc/passwd", _PASSWD.encode())
    tar.file("etc/group", _GROUP.encode())
    tar.file("etc/shadow", b"root:*::0:::::\n", 0o640)
    return tar.finish()


def busybox_image(layer):
    return Image([layer], {"Cmd": ["sh"], "Env": [PATH]})


def hello_image(busybox):
    """An image with a bit of everything that a configuration can say, written with OCI media types."""
    tar = TarWriter()
    tar.folder("srv/")
    tar.folder("srv/hello/")
    tar.file("srv/hello/greeting", b"hello from a file\n")
    tar.file("srv/hello/not-executable", b"#!/bin/sh\necho never\n")
    tar.file("srv/hello/greet.sh", b"#!/bin/sh\ncat /srv/hello/greeting\n", 0o755)
    return Image(
        [busybox, tar.finish()],
        {
            "User": "nobody",
            "Entrypoint": ["/bin/echo"],
            "Cmd": ["hello"],
            "Env": [PATH, "GREETING=hello world", "EMPTY="],
            "WorkingDir": "/srv/hello",
            "ExposedPorts": {"8080/tcp": {}, "53/udp": {}},
            "Volumes": {"/data": {}},
            "Labels": {"org.example.kind": "hello", "org.example.text": "a b=c"},
            "StopSignal": "SIGQUIT",
            "Healthcheck": {"Test": ["CMD", "true"], "Interval": 3600000000000, "Timeout": 5000000000, "Retries": 3},
        },
        oci=True,
        created=CREATED_LATER,
    )
