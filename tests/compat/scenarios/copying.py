"""`docker cp`, `docker diff` and `docker export`: both directions, every form of a path, and what cannot be copied."""

import base64
import io
import json
import os
import re
import tarfile

from support.raw_http import request

from compat.recording import scenario

API = "/v1.41"
# One line for each file: type, permissions, owner and size are seen inside the container.
LISTING = "cd {} && find . | sort | while read f; do stat -c '%A %u:%g %n' \"$f\"; done"


def running(s, *options, suffix="c"):
    """A container that runs; returns its name."""
    name = s.name(suffix)
    s.prepare("run", "-d", "--name", name, *options, "busybox", "sleep", "1000")
    return name


def tree(s):
    """A folder with what a folder can hold: files, an empty folder, links and permissions."""
    root = s.folder / "tree"
    (root / "sub" / "empty").mkdir(parents=True)
    (root / "one").write_text("one\n")
    (root / "sub" / "two").write_text("two\n")
    (root / "sub" / "link").symlink_to("two")
    (root / "sub" / "two").chmod(0o751)
    (root / "sub").chmod(0o705)
    os.link(root / "one", root / "hard")
    return root


def show(s, name, folder, label=""):
    s.docker("exec", name, "sh", "-c", LISTING.format(folder), label=label)


def members(content):
    """What a tar holds, without times: name, type, permissions, owner, link and content."""
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        return [
            f"{m.name} {m.type.decode()} {m.mode & 0o7777:o} {m.uid}:{m.gid} {m.linkname} "
            f"{tar.extractfile(m).read() if m.isreg() else ''}"
            for m in tar.getmembers()
        ]


def get(s, name, path):
    return request(s._daemon.address, "GET", f"{API}/containers/{name}/archive?path={path}", timeout=60)


def path_stat(reply):
    stat = json.loads(base64.b64decode(reply.headers["x-docker-container-path-stat"]))
    stat.pop("mtime")
    if stat["mode"] & 1 << 31:
        stat.pop("size")  # of a folder: the file system's business
    return json.dumps(stat, sort_keys=True)


@scenario
def copy_a_file_into_a_container(s):
    """A file goes into a folder, to a new name, and over a file that is there."""
    name = running(s)
    file = s.file("hello", "hello\n")
    s.docker("cp", file, f"{name}:/tmp")
    s.docker("cp", file, f"{name}:/tmp/renamed")
    s.docker("cp", file, f"{name}:/etc/passwd")
    s.docker("exec", name, "cat", "/tmp/hello", "/tmp/renamed", "/etc/passwd")


@scenario
def copy_a_folder_into_a_container(s):
    """A folder goes into a folder, becomes a new one, and gives its content with `/.`."""
    name = running(s)
    root = tree(s)
    s.docker("cp", root, f"{name}:/opt")
    s.docker("exec", name, "mkdir", "/there")
    s.docker("cp", root, f"{name}:/there")
    s.docker("cp", f"{root}/.", f"{name}:/there")
    s.docker("cp", f"{root}/sub/", f"{name}:/there/")
    for folder in ("/opt", "/there"):
        show(s, name, folder)
    s.docker("exec", name, "readlink", "/opt/sub/link")
    s.docker("exec", name, "sh", "-c", "stat -c %h /opt/one /opt/hard")


@scenario
def copy_out_of_a_container(s):
    """Files and folders come out with their permissions, links as links."""
    name = running(s)
    s.prepare("exec", name, "sh", "-c", "mkdir -p /d/e; echo x >/d/f; chmod 640 /d/f; ln -s f /d/l; ln /d/f /d/h")
    s.docker("cp", f"{name}:/d/f", s.folder / "file")
    s.docker("cp", f"{name}:/d", s.folder / "folder")
    s.docker("cp", f"{name}:/d/.", s.folder / "content")
    s.docker("cp", f"{name}:/d/l", s.folder / "link")
    s.docker("cp", "-L", f"{name}:/d/l", s.folder / "followed")
    found = [
        f"{path.relative_to(s.folder)} {oct(path.lstat().st_mode)} {os.readlink(path) if path.is_symlink() else ''}"
        for path in sorted(s.folder.rglob("*"))
    ]
    s.fact("what has come out", "\n".join(found))


@scenario
def copy_by_standard_streams(s):
    """`-` is a tar on standard output and input."""
    name = running(s)
    s.prepare("exec", name, "sh", "-c", "mkdir -p /d/e; echo x >/d/f; ln -s f /d/l; ln /d/f /d/h; mkfifo /d/p")
    for path in ("/d", "/d/", "/d/.", "/d/f", "/d/l", "/d/p", "/d/../d/e"):
        s.fact(f"members of {path}", "\n".join(members(get(s, name, path).body)))
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        member = tarfile.TarInfo("deep/er/file")
        member.size, member.mode, member.uid, member.gid, member.mtime = 3, 0o4711, 12, 34, 1_600_000_000
        archive.addfile(member, io.BytesIO(b"abc"))
    path = s.folder / "in.tar"
    path.write_bytes(tar.getvalue())
    with path.open("rb") as stream:
        s.docker("cp", "-", f"{name}:/tmp", stdin=stream.read())
    s.docker("exec", name, "stat", "-c", "%A %u:%g %s %Y", "/tmp/deep/er/file")


@scenario
def copy_with_and_without_archive(s):
    """Without -a and with it: whose the files are."""
    name = running(s)
    root = tree(s)
    for path in (root, *root.rglob("*")):
        os.lchown(path, 42, 43)
    s.docker("cp", root, f"{name}:/tmp/plain")
    s.docker("cp", "-a", root, f"{name}:/tmp/archive")
    show(s, name, "/tmp")


@scenario
def copy_what_is_missing(s):
    """Paths and containers that are not there, and folders that are none."""
    name = running(s)
    file = s.file("hello", "hello\n")
    s.docker("cp", file, "no-such-container:/tmp")
    s.docker("cp", f"{name}:/nosuch", s.folder / "out")
    # The CLI sometimes tells that it has given up writing.
    given_up = [(re.compile(r'time=.*closed pipe"\n'), "")]
    s.docker("cp", file, f"{name}:/nosuch/folder/", replace=given_up)
    s.docker("cp", file, f"{name}:/nosuch/folder/file")
    s.docker("cp", file, f"{name}:/etc/passwd/file")
    s.docker("cp", s.folder / "missing", f"{name}:/tmp")
    s.docker("cp", tree(s), f"{name}:/etc/passwd", replace=given_up)
    s.docker("cp", f"{name}:/etc/passwd/", s.folder / "out", label="file as a folder")


@scenario
def stat_of_paths(s):
    """The header about a path, with Go's mode bits, for whatever a path can be."""
    name = running(s)
    s.prepare(
        "exec", name, "sh", "-c",
        "echo xyz >/f; chmod 4755 /f; ln -s /f /l; ln -s tmp/../l /ll; ln -s /no /broken; mkfifo /p; ln -s /tmp /t",
    )  # fmt: skip
    for path in ("/", "/tmp", "/tmp/", "/tmp/.", "/f", "/l", "/ll", "/broken", "/p", "/t", "/t/", "f", "../f"):
        reply = request(s._daemon.address, "HEAD", f"{API}/containers/{name}/archive?path={path}", timeout=60)
        s.fact(f"stat of {path}", f"{reply.status} {path_stat(reply) if reply.status == 200 else ''}")
    s.http("HEAD", f"{API}/containers/{name}/archive?path=/nosuch", show=())
    s.http("GET", f"{API}/containers/{name}/archive", label="no path")
    s.http("GET", f"{API}/containers/{name}/archive?path=/nosuch")


@scenario
def put_archives_that_are_refused(s):
    """A put to what is missing or no folder, and tars that overwrite what they may not."""
    name = running(s)
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("tmp"))
    url = f"{API}/containers/{name}/archive"
    s.http("PUT", f"{url}?path=/nosuch", tar.getvalue(), label="missing")
    s.http("PUT", f"{url}?path=/etc/passwd", tar.getvalue(), label="no folder")
    s.http("PUT", f"{url}?path=/&noOverwriteDirNonDir=true", tar.getvalue(), label="folder by file")
    s.http("PUT", url, tar.getvalue(), label="no path")


@scenario
def put_compressed_archives(s):
    """Tars may be compressed by gzip, bzip2 and xz."""
    name = running(s)
    for kind in ("gz", "bz2", "xz"):
        tar = io.BytesIO()
        with tarfile.open(fileobj=tar, mode=f"w:{kind}") as archive:
            member = tarfile.TarInfo(f"by-{kind}")
            member.size = 100_000
            archive.addfile(member, io.BytesIO(b"x" * 100_000))
        s.http("PUT", f"{API}/containers/{name}/archive?path=/tmp", tar.getvalue(), label=kind)
    s.docker("exec", name, "sh", "-c", "wc -c /tmp/by-*")


@scenario
def copy_into_a_created_container(s):
    """What is copied before the start is there when the command runs."""
    name = s.name()
    s.prepare("create", "--name", name, "busybox", "sh", "-c", "cat /home/conf/hello /tmp/hello; ls -l /home/conf")
    file = s.file("hello", "hello\n")
    folder = s.folder / "conf"
    folder.mkdir()
    (folder / "hello").write_text("from a folder\n")
    os.utime(folder / "hello", (1_600_000_000, 1_600_000_000))
    s.docker("cp", folder, f"{name}:/home")
    s.docker("cp", file, f"{name}:/tmp/")
    s.docker("cp", f"{name}:/home/conf/hello", s.folder / "back")
    s.fact("what has come back", (s.folder / "back").read_text())
    s.docker("start", "-a", name)


@scenario
def diff_of_changes(s):
    """Added, changed and deleted files are told; what has not changed is not."""
    name = running(s)
    s.docker("diff", name, label="nothing")
    s.prepare(
        "exec", name, "sh", "-c",
        "echo x >/new; mkdir -p /dir/sub; echo y >/dir/sub/file; echo z >>/etc/passwd; rm -r /var/www; chmod 700 /root",
    )  # fmt: skip
    found = s.ask(f"{API}/containers/{name}/changes")
    s.fact("changes", "\n".join(sorted(f"{change['Kind']} {change['Path']}" for change in found)), label="changes")


@scenario
def size_of_changes(s):
    """The size of a container is that of the files that were added or changed, hard links counted once."""
    name = running(s)
    s.docker("inspect", "-s", "-f", "{{.SizeRw}}", name, label="nothing")
    s.prepare(
        "exec", name, "sh", "-c",
        "head -c 100000 /dev/zero >/new; ln /new /hard; ln -s /new /soft; mkdir -p /dir/sub; echo y >/dir/sub/file; "
        "echo z >>/etc/passwd; rm -r /var/www; chmod 600 /etc/group; echo 1 >/gone; rm /gone",
    )  # fmt: skip
    s.docker("inspect", "-s", "-f", "{{.SizeRw}}", name, label="changed")
    s.docker("ps", "-s", "--filter", f"name={name}", "--format", "{{slice .Size 0 5}}")
    s.docker("stop", "-t", "0", name)


@scenario
def export_has_every_file(s):
    """An export holds every file of the image and what was added, without what is mounted."""
    name = running(s)
    s.prepare("exec", name, "sh", "-c", "mkdir /added; echo x >/added/file; ln /added/file /added/hard")
    tar = request(s._daemon.address, "GET", f"{API}/containers/{name}/export", timeout=60)
    wanted = re.compile(r"^(added|bin/(busybox|sh)|etc/passwd|tmp|root|proc|sys|dev )\b")
    s.fact("members", "\n".join(sorted(m for m in members(tar.body) if wanted.match(m))))
    s.docker("export", "no-such-container", "-o", s.folder / "out.tar")
