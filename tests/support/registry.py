"""A real image registry (the distribution's docker-registry) on loopback, filled with images made here.

As a program: `python3 -m support.registry --port PORT --storage DIR` serves in the foreground until it is ended.
"""

import argparse
import functools
import http.client
import os
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from support import images
from support.paths import system_program
from support.processes import Background, free_port, wait_until
from support.raw_http import answers

_CONFIGURATION = """\
version: 0.1
log: {{level: warn, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {storage}}}, delete: {{enabled: true}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


class Registry:
    """Serves until `stop`. Everything it stores is in `folder`, a temporary one when none is given."""

    def __init__(self, folder=None):
        self._temporary = folder is None
        self.folder = Path(folder or tempfile.mkdtemp(prefix="sockerless-registry-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        self._server = None
        for _ in range(5):  # another program may take the port between its choice and its use
            self.port = free_port()
            self._server = Background(registry_command(self.folder, self.port), self.folder / "log")
            wait_until(
                lambda: answers(self.url, "/v2/") or not self._server.is_running(), "the registry's first answer"
            )
            if self._server.is_running():
                return
        raise RuntimeError(f"docker-registry does not start:\n{self._server.output()[-2000:]}")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def host(self):
        return f"127.0.0.1:{self.port}"

    def fill(self):
        fill(self.host)
        return self

    def stop(self):
        if self._server:
            self._server.stop()
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)


def registry_command(folder, port):
    """Writes the registry's configuration into `folder` and returns the command that serves it."""
    configuration = Path(folder) / "config.yml"
    configuration.write_text(_CONFIGURATION.format(storage=Path(folder) / "storage", port=port))
    return [system_program("docker-registry"), "serve", str(configuration)]


def fill(host):
    """Pushes the images of the tests.

    library/busybox:latest       a Docker image
    library/busybox:1.36         the same behind a manifest list, as Docker Hub serves it
    library/hello:latest         an OCI image with user, entry point, ports, volumes, labels and health check
    library/foreign:latest       a manifest list with another architecture only
    """
    made = _test_images()
    pusher = Pusher(host)
    pusher.push_image("library/busybox", "latest", made["busybox"])
    pusher.push_list("library/busybox", "1.36", [made["foreign"], made["busybox"]])
    pusher.push_image("library/hello", "latest", made["hello"])
    pusher.push_list("library/foreign", "latest", [made["foreign"]])


def known_digests():
    """The digests that clients see of the test images, and a readable name for each."""
    made = _test_images()
    return {
        images.digest_of(made["busybox"].manifest_bytes()): "digest of busybox:latest",
        images.digest_of(images.list_bytes([made["foreign"], made["busybox"]])): "digest of busybox:1.36",
        images.digest_of(made["hello"].manifest_bytes()): "digest of hello:latest",
    }


@functools.cache
def _test_images():
    busybox_layer = images.busybox_layer()
    busybox = images.busybox_image(busybox_layer)
    return {
        "busybox": busybox,
        "hello": images.hello_image(busybox_layer),
        "foreign": images.Image([busybox_layer], busybox.config, architecture="s390x"),
    }


class Pusher:
    """Uploads blobs and manifests by the distribution protocol over plain HTTP."""

    def __init__(self, host):
        self._host = host

    def push_image(self, repository, tag, image):
        for layer in image.layers:
            self._put_blob(repository, layer.content)
        self._put_blob(repository, image.config_bytes())
        self._put_manifest(repository, tag, image.media_type, image.manifest_bytes())

    def push_list(self, repository, tag, alternatives):
        for image in alternatives:
            self.push_image(repository, images.digest_of(image.manifest_bytes()), image)
        self._put_manifest(repository, tag, images.DOCKER_LIST, images.list_bytes(alternatives))

    def _put_blob(self, repository, content):
        digest = images.digest_of(content)
        if self._send("HEAD", f"/v2/{repository}/blobs/{digest}", accept=(200, 404))[0] == 200:
            return
        _, location = self._send("POST", f"/v2/{repository}/blobs/uploads/", accept=(202,))
        target = urlsplit(location)
        query = f"{target.query}&digest={digest}" if target.query else f"digest={digest}"
        self._send("PUT", f"{target.path}?{query}", content, "application/octet-stream", accept=(201,))

    def _put_manifest(self, repository, tag, media_type, content):
        self._send("PUT", f"/v2/{repository}/manifests/{tag}", content, media_type, accept=(201,))

    def _send(self, method, path, body=None, content_type=None, accept=()):
        connection = http.client.HTTPConnection(self._host, timeout=30)
        try:
            connection.request(method, path, body, {"Content-Type": content_type} if content_type else {})
            reply = connection.getresponse()
            text = reply.read()
            if reply.status not in accept:
                raise RuntimeError(f"{method} {path}: {reply.status} {text.decode(errors='replace')}")
            return reply.status, reply.getheader("Location", "")
        finally:
            connection.close()


def main():
    parser = argparse.ArgumentParser(description="Serve a registry with the test images until ended.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--storage", required=True)
    parser.add_argument("--fill-only", action="store_true", help="fill the registry that serves on PORT already")
    arguments = parser.parse_args()
    if arguments.fill_only:
        fill(f"127.0.0.1:{arguments.port}")
        return
    Path(arguments.storage).mkdir(parents=True, exist_ok=True)
    command = registry_command(arguments.storage, arguments.port)
    sys.stdout.flush()
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
