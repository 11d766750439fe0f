"""Images that come from archives: no registry is there, neither for the local cloud nor for the daemon."""

import gzip
import io
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path

from support import images
from support.cloud import SockerlessCloud
from support.daemon import Sockerlessd, clean_environment
from support.paths import program

from e2e.base import EndToEnd
from e2e.cloud_user import GROUP, CloudUser

NO_REGISTRY = ["--registry-mirror", "docker.io=http://127.0.0.1:1"]


def command(data, *words, stdin=b""):
    """`sockerless-cloud image WORDS…` for the cloud with this data folder."""
    return subprocess.run(
        [program("sockerless-cloud"), "image", words[0], "--data-dir", str(data), *map(str, words[1:])],
        input=stdin,
        capture_output=True,
        timeout=60,
        env=clean_environment(),
        check=False,
    )


def tar_of(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def docker_archive(image, name):
    """What `docker save` of older engines writes."""
    layers = {f"{number}/layer.tar": gzip.decompress(layer.content) for number, layer in enumerate(image.layers)}
    listed = [{"Config": "config.json", "RepoTags": [name], "Layers": list(layers)}]
    return tar_of({**layers, "config.json": image.config_bytes(), "manifest.json": json.dumps(listed).encode()})


def layout(image):
    blobs = [image.config_bytes(), image.manifest_bytes(), *(layer.content for layer in image.layers)]
    top = {"mediaType": image.media_type, "digest": images.digest_of(image.manifest_bytes()), "size": 1}
    return tar_of(
        {
            "oci-layout": b'{"imageLayoutVersion":"1.0.0"}',
            "index.json": json.dumps({"schemaVersion": 2, "manifests": [top]}).encode(),
            **{"blobs/" + images.digest_of(blob).replace(":", "/"): blob for blob in blobs},
        }
    )


class Archives(EndToEnd):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sockerless-archives-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.busybox = images.busybox_image(images.busybox_layer())

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def add(self, data, *words, **options):
        result = command(data, "import", *words, **options)
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        return result.stdout.decode().split()


class ImportedIntoTheCloud(CloudUser, Archives):
    def setUp(self):
        CloudUser.setUp(self)
        Archives.setUp(self)
        self.cloud = self.use(SockerlessCloud(options=NO_REGISTRY))
        self.data = self.cloud.folder / "data"

    def outcome(self, image, script="echo from the image; exit 3"):
        ecs = self.client("ecs")
        definition = self.register(ecs, "imported", ["sh", "-c", script])
        definition["containerDefinitions"][0]["image"] = image
        changed = self.register(ecs, "imported", [], containerDefinitions=definition["containerDefinitions"])
        return self.wait_status(ecs, self.run_task(ecs, changed), "STOPPED")

    def test_while_it_runs_and_over_a_restart(self):
        name, digest = self.add(self.data, self.write("a.tar", docker_archive(self.busybox, "app:1")), "app:1")
        self.assertEqual(name, "docker.io/library/app:1")
        for _ in range(2):
            task = self.outcome("app:1")
            (container,) = task["containers"]
            self.assertEqual((container["exitCode"], container["imageDigest"]), (3, digest))
            self.assertEqual(self.cloud.process.stop(30), 0)
            self.cloud.start()
        stream = f"imported/main/{task['taskArn'].rpartition('/')[2]}"
        events = self.client("logs").get_log_events(logGroupName=GROUP, logStreamName=stream)["events"]
        self.assertEqual([event["message"] for event in events], ["from the image"])

    def test_layouts_and_root_filesystems_from_the_standard_input(self):
        self.assertEqual(self.cloud.process.stop(30), 0)  # it need not run
        _, digest = self.add(self.data, "-", "localhost:5000/team/app", stdin=layout(self.busybox))
        self.assertEqual(digest, images.digest_of(self.busybox.manifest_bytes()))
        self.add(self.data, "-", "root:fs", stdin=self.busybox.layers[0].content)
        self.cloud.start()
        self.assertEqual(self.outcome("localhost:5000/team/app")["containers"][0]["exitCode"], 3)
        self.assertEqual(self.outcome("root:fs")["containers"][0]["exitCode"], 3)

    def test_listing_and_removal(self):
        self.add(self.data, self.write("a.tar", docker_archive(self.busybox, "app:1")), "app:1")
        listed = command(self.data, "ls").stdout.decode().splitlines()
        self.assertEqual([line.split()[0] for line in listed], ["NAME", "docker.io/library/app:1"])
        removed = command(self.data, "rm", "app:1")
        self.assertEqual((removed.returncode, removed.stdout), (0, b"app:1\n"))
        self.assertIn("CannotPullContainerError", self.outcome("app:1")["stoppedReason"])
        self.assertIn(b"there is no imported image docker.io/library/app:1", command(self.data, "rm", "app:1").stderr)
        self.assertEqual(self.cloud.process.stop(30), 0)
        self.add(self.data, self.folder / "a.tar", "app:1")
        self.assertEqual(command(self.data, "rm", "app:1").returncode, 0)
        self.assertEqual(list((self.data / "images" / "layers").iterdir()), [])

    def test_what_is_wrong_is_said_and_nothing_stays(self):
        good = docker_archive(self.busybox, "app:1")
        hostile = tar_of({"../../escaped": b"x"})
        for words, stdin, said in (
            (("-", "app"), b"no archive", "the standard input: Unrecognized archive format"),
            (("-", "app"), b"", "the archive is empty"),
            (("-", "app"), hostile, "leads out of the layer"),
            (("-", "app"), good[: len(good) // 2], "cannot import the standard input"),
            (("-", "No/Name"), good, "repository name must be lowercase"),
            (("/nonexistent", "app"), b"", "/nonexistent: No such file or directory"),
            ((self.folder, "app"), b"", "it is a folder"),
            (("-", "app", "--layer-limit", "1"), good, "no space left on device"),
            (("-",), good, "image import needs FILE and NAME[:TAG]"),
            (("-", "app", "--layer-limit", "much"), good, "--layer-limit"),
        ):
            result = command(self.data, "import", *words, stdin=stdin)
            self.assertEqual((result.returncode, result.stdout), (1, b""), said)
            self.assertIn(said, result.stderr.decode())
        for name in ("layers", "importing", "imported"):
            folder = self.data / "images" / name
            self.assertEqual(list(folder.iterdir()) if folder.exists() else [], [], name)

    def test_help_and_unknown_commands(self):
        self.assertIn("image import [OPTION]... FILE NAME[:TAG]", command(self.data, "--help").stdout.decode())
        self.assertIn("image import, ls or rm", command(self.data, "push").stderr.decode())


class ImportedForTheDaemon(Archives):
    def test_docker_runs_it(self):
        daemon = self.use(Sockerlessd(options=NO_REGISTRY))
        docker = self.cli(daemon)
        image = images.Image(self.busybox.layers, {"Cmd": ["echo", "its own command"], "Env": [images.PATH]})
        data = daemon.state / "cloud"
        _, digest = self.add(data, self.write("a.tar", docker_archive(image, "app:1")), "app:1")
        self.assertEqual(docker.ok("run", "--rm", "app:1"), "its own command")
        self.assertEqual(docker.ok("run", "--rm", "app:1", "echo", "mine"), "mine")
        self.assertIn(digest, docker.ok("image", "inspect", "app:1"))
        # Its registry is asked for what was not imported.
        self.assertIn("the registry of app:2 could not be asked", docker("pull", "app:2").stdout)
