#!/usr/bin/env python3
"""Makes a container image of one program, without a Dockerfile and without Docker, and writes or pushes it.

Usage: tools/oci_image.py [--libraries] --binary ARCH=PATH... (--output FILE.tar | --push REFERENCE)
  --binary     the program for amd64 or arm64; with several, the image has a variant for each
  --libraries  also the shared libraries that the program needs (of this machine, so for its own architecture only)
  --output     an OCI image layout as a tar file
  --push       HOST/REPOSITORY:TAG; the password is read from the standard input, the user is $REGISTRY_USER (AWS)

An image is a function of its files: the same program gives the same digest.
"""

import argparse
import base64
import gzip
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


class Blobs:
    """What an image is made of, by digest."""

    def __init__(self):
        self.by_digest = {}

    def add(self, media_type, data):
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        self.by_digest[digest] = (media_type, data)
        return {"mediaType": media_type, "digest": digest, "size": len(data)}


def libraries_of(binary):
    """The shared libraries and the loader, by the path at which the program looks for them."""
    listing = subprocess.run(["ldd", binary], check=True, capture_output=True, text=True).stdout
    return sorted(set(re.findall(r"(/\S+) \(0x", listing)))


def layer(files):
    """A gzipped tar of {path in the image: file}, without anything that changes from run to run."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        folders = sorted({str(folder) for path in files for folder in list(Path(path).parents)[:-1]})
        for folder in folders:
            entry = tarfile.TarInfo(folder.lstrip("/"))
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(entry)
        for path, source in sorted(files.items()):
            data = Path(source).read_bytes()
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.size, entry.mode = len(data), 0o755
            archive.addfile(entry, io.BytesIO(data))
    return plain.getvalue(), gzip.compress(plain.getvalue(), mtime=0)


def variant(blobs, architecture, binary, with_libraries):
    program = "/" + Path(binary).name
    files = {program: binary}
    if with_libraries:
        files.update({path: path for path in libraries_of(binary)})
        certificates = "/etc/ssl/certs/ca-certificates.crt"
        if Path(certificates).exists():
            files[certificates] = certificates
    plain, packed = layer(files)
    config = {
        "architecture": architecture,
        "os": "linux",
        "config": {"Entrypoint": [program]},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(plain).hexdigest()]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": blobs.add(CONFIG, json.dumps(config).encode()),
        "layers": [blobs.add(LAYER, packed)],
    }
    descriptor = blobs.add(MANIFEST, json.dumps(manifest).encode())
    return {**descriptor, "platform": {"architecture": architecture, "os": "linux"}}


def image(binaries, with_libraries):
    """The blobs, and the descriptor of the image itself: a manifest, or an index of several."""
    blobs = Blobs()
    variants = [variant(blobs, architecture, path, with_libraries) for architecture, path in binaries]
    if len(variants) == 1:
        return blobs, variants[0]
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": variants}
    return blobs, blobs.add(INDEX, json.dumps(index).encode())


def write_layout(blobs, top, path):
    def add(archive, name, data):
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(data), 0o644
        archive.addfile(entry, io.BytesIO(data))

    with tarfile.open(path, "w") as archive:
        add(archive, "oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [top]}
        add(archive, "index.json", json.dumps(index).encode())
        for digest, (_, data) in blobs.by_digest.items():
            add(archive, "blobs/" + digest.replace(":", "/"), data)


class Registry:
    """The part of the distribution protocol that a push needs."""

    def __init__(self, host, repository, password):
        scheme = "http" if host.split(":")[0] in ("127.0.0.1", "localhost") else "https"
        self.base = f"{scheme}://{host}/v2/{repository}"
        self.headers = {}
        if password:
            user = os.environ.get("REGISTRY_USER", "AWS")
            self.headers["Authorization"] = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def _send(self, method, url, data=None, headers=None):
        request = urllib.request.Request(url, data, {**self.headers, **(headers or {})}, method=method)
        return urllib.request.urlopen(request, timeout=60)

    def has(self, digest):
        try:
            self._send("HEAD", f"{self.base}/blobs/{digest}").close()
            return True
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            return False

    def put_blob(self, digest, data):
        if self.has(digest):
            return
        with self._send("POST", f"{self.base}/blobs/uploads/", b"") as answer:
            location = urllib.parse.urljoin(self.base, answer.headers["Location"])
        location += ("&" if "?" in location else "?") + "digest=" + urllib.parse.quote(digest, safe="")
        self._send("PUT", location, data, {"Content-Type": "application/octet-stream"}).close()

    def put_manifest(self, name, media_type, data):
        self._send("PUT", f"{self.base}/manifests/{name}", data, {"Content-Type": media_type}).close()


def push(blobs, top, reference, password):
    host, _, rest = reference.partition("/")
    repository, _, tag = rest.partition(":")
    registry = Registry(host, repository, password)
    manifests = {MANIFEST, INDEX}
    for digest, (media_type, data) in blobs.by_digest.items():
        if media_type not in manifests:
            registry.put_blob(digest, data)
    for digest, (media_type, data) in blobs.by_digest.items():
        if media_type in manifests:
            registry.put_manifest(tag or "latest" if digest == top["digest"] else digest, media_type, data)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", action="append", required=True)
    parser.add_argument("--libraries", action="store_true")
    parser.add_argument("--output")
    parser.add_argument("--push")
    options = parser.parse_args()
    if bool(options.output) == bool(options.push):
        parser.error("one of --output and --push is needed")
    blobs, top = image([pair.split("=", 1) for pair in options.binary], options.libraries)
    if options.output:
        write_layout(blobs, top, options.output)
    else:
        push(blobs, top, options.push, "" if sys.stdin.isatty() else sys.stdin.read().strip())
    print(top["digest"])


if __name__ == "__main__":
    main()
