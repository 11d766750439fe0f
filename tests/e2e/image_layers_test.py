"""Layers as the OCI image specification has them, seen in running containers, and images that mean harm."""

import io
import os
import stat
import tarfile

from support import images
from support.registry import Pusher
from support.system import process_running

from e2e.base import shared_registry
from e2e.cloud_user import ApiUser

MTIME = 1_234_567_890
CAP_NET_RAW = bytes.fromhex("0100000200200000000000000000000000000000")


def entry(name, kind=tarfile.REGTYPE, content=b"", **attributes):
    """One entry of a layer; `target` is a link's, `xattrs` a dict of texts."""
    made = tarfile.TarInfo(name)
    made.type, made.size, made.mode, made.mtime = kind, len(content), 0o755 if kind == tarfile.DIRTYPE else 0o644, MTIME
    made.linkname = attributes.pop("target", "")
    made.pax_headers = {f"SCHILY.xattr.{key}": value for key, value in attributes.pop("xattrs", {}).items()}
    for key, value in attributes.items():
        setattr(made, key, value)
    return made, content


def layer(*entries):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for made, content in entries:
            tar.addfile(made, io.BytesIO(content))
    return images.Layer.of_tar(buffer.getvalue())


def image(*layers):
    busybox = images.busybox_image(images.busybox_layer())
    return images.Image([*busybox.layers, *layers], busybox.config)


class Layers(ApiUser):
    def show(self, name, *layers):
        """A running container of an image with these layers over busybox; returns the path of its root."""
        Pusher(shared_registry().host).push_image(f"library/{name}", "latest", image(*layers))
        mark = f"9183{sum(name.encode()):04d}"
        definition = self.register(
            self.ecs, name, [], containerDefinitions=[{"name": "main", "image": name, "command": ["sleep", mark]}]
        )
        arn = self.launch(definition)["tasks"][0]["taskArn"]
        self.addCleanup(self.ecs.stop_task, task=arn)
        self.wait_status(self.ecs, arn, "RUNNING")
        pid = process_running(f"sleep {mark}")
        return f"/proc/{pid}/root"

    def read(self, path):
        with open(path, encoding="utf-8") as file:
            return file.read()

    def test_kinds_of_entries(self):
        root = self.show(
            "kinds",
            layer(
                entry("data/", tarfile.DIRTYPE, mode=0o1777, uid=7, gid=8),
                entry("data/plain", content=b"plain\n", mode=0o640, uid=12, gid=34),
                entry("data/setuid", content=b"x", mode=0o6755),
                entry("data/closed", content=b"x", mode=0),
                entry("data/empty/", tarfile.DIRTYPE, mode=0o700),
                entry("data/hard", tarfile.LNKTYPE, target="data/plain"),
                entry("data/dangling", tarfile.SYMTYPE, target="/nowhere"),
                entry("data/fifo", tarfile.FIFOTYPE),
                entry("data/null", tarfile.CHRTYPE, devmajor=1, devminor=3, mode=0o666),
                entry("data/grün ✓ \n newline", content=b"x"),
                entry("data/" + "n" * 255, content=b"x"),
                entry("without/a/parent", content=b"x"),
                entry("./data/./dotted", content=b"x"),
                entry("data/large", content=os.urandom(3_000_000)),
            ),
        )
        data = root + "/data"
        self.assertEqual(stat.S_IMODE(os.stat(data).st_mode), 0o1777)
        self.assertEqual((os.stat(data).st_uid, os.stat(data).st_gid, int(os.stat(data).st_mtime)), (7, 8, MTIME))
        plain = os.stat(data + "/plain")
        self.assertEqual((stat.S_IMODE(plain.st_mode), plain.st_uid, plain.st_gid), (0o640, 12, 34))
        self.assertEqual((int(plain.st_mtime), plain.st_nlink), (MTIME, 2))
        self.assertTrue(os.path.samefile(data + "/plain", data + "/hard"))
        self.assertEqual(stat.S_IMODE(os.stat(data + "/setuid").st_mode), 0o6755)
        self.assertEqual(stat.S_IMODE(os.stat(data + "/closed").st_mode), 0)
        self.assertEqual(os.listdir(data + "/empty"), [])
        self.assertEqual(os.readlink(data + "/dangling"), "/nowhere")
        self.assertTrue(stat.S_ISFIFO(os.lstat(data + "/fifo").st_mode))
        self.assertEqual(os.lstat(data + "/null").st_rdev, os.makedev(1, 3))
        self.assertLessEqual({"grün ✓ \n newline", "n" * 255, "dotted"}, set(os.listdir(data)))
        self.assertEqual(os.stat(data + "/large").st_size, 3_000_000)
        self.assertTrue(os.path.exists(root + "/without/a/parent"))

    def test_extended_attributes(self):
        capability = CAP_NET_RAW.decode("latin-1")
        made, content = entry("capable", content=b"x", mode=0o755)
        made.pax_headers = {"SCHILY.xattr.user.colour": "blue", "SCHILY.xattr.security.capability": capability}
        steering, _ = entry("steering/", tarfile.DIRTYPE)
        steering.pax_headers = {"SCHILY.xattr.trusted.overlay.redirect": "/etc"}
        root = self.show("attributes", layer((made, content), (steering, b"")))
        self.assertEqual(os.getxattr(root + "/capable", "user.colour"), b"blue")
        self.assertEqual(os.listdir(root + "/steering"), [])  # overlayfs was not told anything

    def test_what_upper_layers_take_away(self):
        folders = [entry(f"{name}/", tarfile.DIRTYPE) for name in ("kept", "emptied", "opaque", "opaque/sub", "gone")]
        lower = layer(
            *folders,
            entry("kept/a", content=b"a"),
            entry("kept/b", content=b"b"),
            entry("emptied/only", content=b"x"),
            entry("opaque/old", content=b"x"),
            entry("opaque/sub/old", content=b"x"),
            entry("gone/inner", content=b"x"),
            entry("becomes-file/", tarfile.DIRTYPE),
            entry("becomes-file/x", content=b"x"),
            entry("becomes-folder", content=b"x"),
            entry("becomes-link", content=b"x"),
            entry("one", content=b"old", mode=0o600),
            entry("two", tarfile.LNKTYPE, target="one"),
        )
        upper = layer(
            entry("kept/.wh.a"),
            entry("emptied/.wh.only"),
            entry("opaque/.wh..wh..opq"),
            entry("opaque/new", content=b"new"),
            entry(".wh.gone"),
            entry("becomes-file", content=b"file"),
            entry("becomes-folder/", tarfile.DIRTYPE),
            entry("becomes-folder/y", content=b"y"),
            entry("becomes-link", tarfile.SYMTYPE, target="kept/b"),
            entry("one", content=b"changed", mode=0o644),
            entry(".wh..wh.plnk/12.34", content=b"aufs"),
            entry("kept/.wh.never-there"),
        )
        again = layer(
            entry("kept/a", content=b"back"), entry("gone/", tarfile.DIRTYPE), entry("gone/fresh", content=b"f")
        )
        root = self.show("whiteouts", lower, upper, again)
        self.assertEqual(sorted(os.listdir(root + "/kept")), ["a", "b"])
        self.assertEqual(self.read(root + "/kept/a"), "back")
        self.assertEqual(os.listdir(root + "/emptied"), [])
        self.assertEqual(os.listdir(root + "/opaque"), ["new"])
        self.assertEqual(os.listdir(root + "/gone"), ["fresh"])
        self.assertEqual(self.read(root + "/becomes-file"), "file")
        self.assertEqual(os.listdir(root + "/becomes-folder"), ["y"])
        self.assertEqual(self.read(root + "/becomes-link"), "b")
        self.assertEqual((self.read(root + "/one"), self.read(root + "/two")), ("changed", "old"))
        self.assertFalse([name for name in os.listdir(root) if name.startswith(".wh.")])

    def test_one_layer_twice_and_an_empty_one(self):
        same, nothing = layer(entry("same", content=b"s")), layer()
        root = self.show("repeated", same, nothing, layer(entry(".wh.same")), same)
        self.assertEqual(self.read(root + "/same"), "s")


class HostileImages(ApiUser):
    options = ("--layer-limit", "16", "--layer-files-limit", "3000")

    def refused(self, name, made):
        """The reason of a task whose image cannot be pulled; nothing of the image is left."""
        Pusher(shared_registry().host).push_image(f"library/{name}", "latest", made)
        container = {"name": "main", "image": name, "command": ["true"]}
        definition = self.register(self.ecs, name, [], containerDefinitions=[container])
        task = self.wait_status(self.ecs, self.launch(definition)["tasks"][0]["taskArn"], "STOPPED")
        self.assertEqual(task["stopCode"], "TaskFailedToStart")
        self.assertTrue(task["stoppedReason"].startswith("CannotPullContainerError: "), task["stoppedReason"])
        self.assertNotIn("exitCode", task["containers"][0])
        self.assertEqual(os.listdir(self.cloud.folder / "data" / "images" / "unfinished"), [])
        return task["stoppedReason"]

    def test_names_that_lead_out(self):
        for number, name in enumerate(("../../escaped", "a/../../escaped", "/../escaped", "./../escaped")):
            reason = self.refused(f"outside-{number}", image(layer(entry(name, content=b"x"))))
            self.assertIn("leads out of the layer", reason)
        for target in ("../../../etc/passwd", "a/../../x"):
            made = image(layer(entry("link", tarfile.LNKTYPE, target=target)))
            self.assertIn("leads out of the layer", self.refused("hard-outside", made))
        self.assertEqual(list(self.cloud.folder.rglob("escaped")), [])

    def test_links_that_lead_out_stay_inside(self):
        made = image(
            layer(
                entry("tmp/", tarfile.DIRTYPE),
                entry("etc/", tarfile.DIRTYPE),
                entry("out", tarfile.SYMTYPE, target="/../../../../tmp"),
                entry("out/escaped-by-link", content=b"x"),
                entry("d/", tarfile.DIRTYPE),
                entry("d", tarfile.SYMTYPE, target="/etc"),
                entry("d/escaped-by-folder", content=b"x"),
            )
        )
        Pusher(shared_registry().host).push_image("library/links", "latest", made)
        command = ["sh", "-c", "ls /tmp/escaped-by-link /etc/escaped-by-folder"]
        container = {"name": "main", "image": "links", "command": command}
        definition = self.register(self.ecs, "links", [], containerDefinitions=[container])
        task = self.wait_status(self.ecs, self.launch(definition)["tasks"][0]["taskArn"], "STOPPED")
        self.assertEqual(task["containers"][0]["exitCode"], 0)
        self.assertFalse(os.path.exists("/tmp/escaped-by-link") or os.path.exists("/etc/escaped-by-folder"))

    def test_decompression_bombs(self):
        zeroes = layer(entry("zeroes", content=bytes(64 * 1024 * 1024)))
        self.assertLess(len(zeroes.content), 100_000)
        self.assertIn("no space left on device", self.refused("bomb", image(zeroes)))

    def test_too_many_files(self):
        crowd = layer(*[entry(f"crowd/{number}") for number in range(4000)])
        self.assertIn("too many files", self.refused("crowd", image(crowd)))

    def test_too_many_layers(self):
        self.assertIn("max depth exceeded", self.refused("tower", image(*[layer(entry("x")) for _ in range(130)])))

    def test_damage(self):
        good = layer(entry("x", content=os.urandom(100_000)))
        for name, content in (("cut", good.content[:-2000]), ("noise", os.urandom(5000)), ("nothing", b"")):
            made = image(images.Layer(content, good.diff_id))
            self.assertIn("failed to extract layer", self.refused(f"damaged-{name}", made))
