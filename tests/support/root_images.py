"""Images of other worlds than busybox: a Debian root, a musl root, and roots that hold next to nothing."""

import functools
import io
import subprocess
import tarfile
import tempfile
from pathlib import Path

from support.images import PATH, Image, Layer, TarWriter, busybox_layer
from support.paths import REPOSITORY, system_program

_DEBIAN = REPOSITORY / "build" / "debian-root.tar"  # made once: debootstrap takes a minute and the network

# Waits for a signal, says who it is, or greets whoever connects to port 80: the only program of its root. busybox's
# servers let nine connections wait; of more at once the kernel drops some and takes many seconds to try again.
_WAITER = r"""
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
static int greet(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(80)};
  int server = socket(AF_INET, SOCK_STREAM, 0), client;
  char request[4096];
  if (bind(server, (struct sockaddr*)&address, sizeof address) != 0 || listen(server, 1024) != 0) return 1;
  while ((client = accept(server, NULL, NULL)) >= 0) {
    if (read(client, request, sizeof request) > 0 && write(client, "hello\n", 6) != 6) return 1;
    close(client);
  }
  return 1;
}
int main(int count, char** arguments) {
  if (count > 1 && strcmp(arguments[1], "id") == 0) {
    printf("%d\n", (int)getuid());
    return 0;
  }
  if (count > 1 && strcmp(arguments[1], "greet") == 0) return greet();
  for (;;) pause();
}
"""


@functools.cache
def waiter(compiler):
    """The static program, made by `gcc` (glibc) or `musl-gcc`."""
    with tempfile.TemporaryDirectory(prefix="sockerless-waiter-") as folder:
        source = Path(folder) / "waiter.c"
        source.write_text(_WAITER)
        program = Path(folder) / "waiter"
        subprocess.run([system_program(compiler), "-static", "-Os", "-s", "-o", program, source], check=True)
        return program.read_bytes()


def scratch():
    """One static program and nothing else: no folder, no user, no shell."""
    tar = TarWriter()
    tar.file("waiter", waiter("gcc"), 0o755)
    return Image([tar.finish()], {"Cmd": ["/waiter"]})


def musl_root():
    """A root whose programs are linked with musl, dynamically, beside its loader."""
    tar = TarWriter()
    for folder in ("bin/", "lib/", "etc/", "proc/", "dev/", "sys/"):
        tar.folder(folder)
    tar.folder("tmp/", 0o1777)
    tar.file("lib/ld-musl-x86_64.so.1", Path("/usr/lib/x86_64-linux-musl/libc.so").read_bytes(), 0o755)
    tar.file("bin/waiter", _musl_waiter(), 0o755)
    tar.file("etc/passwd", b"root:x:0:0:root:/:/bin/waiter\n")
    return Image([tar.finish()], {"Cmd": ["waiter"], "Env": [PATH]})


@functools.cache
def _musl_waiter():
    with tempfile.TemporaryDirectory(prefix="sockerless-waiter-") as folder:
        source = Path(folder) / "waiter.c"
        source.write_text(_WAITER)
        program = Path(folder) / "waiter"
        subprocess.run([system_program("musl-gcc"), "-Os", "-s", "-o", program, source], check=True)
        return program.read_bytes()


def make_debian_root():
    """Runs debootstrap, which needs the network, unless that has been done before."""
    if not _DEBIAN.exists():
        with tempfile.TemporaryDirectory(prefix="sockerless-debian-") as folder:
            subprocess.run(
                [system_program("debootstrap"), "--variant=minbase", "bookworm", folder],
                check=True,
                stdout=subprocess.DEVNULL,
                timeout=300,
            )
            subprocess.run(["tar", "-C", folder, "--exclude=./dev/*", "-cf", f"{_DEBIAN}.part", "."], check=True)
        Path(f"{_DEBIAN}.part").rename(_DEBIAN)


def debian_root():
    """What debootstrap makes: glibc, apt, everything that Debian calls essential."""
    return Image([Layer.of_tar(_DEBIAN.read_bytes())], {"Cmd": ["sleep", "100000"], "Env": [PATH]})


def busybox_without(*names):
    """The busybox root without some of its entries (\"etc/passwd\", \"tmp\")."""
    return Image([_without(busybox_layer(), names)], {"Cmd": ["sleep", "100000"], "Env": [PATH]})


def _without(layer, names):
    kept = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(layer.content), mode="r:gz") as source:
        with tarfile.open(fileobj=kept, mode="w", format=tarfile.USTAR_FORMAT) as target:
            for entry in source:
                if entry.name.rstrip("/") not in names:
                    target.addfile(entry, source.extractfile(entry) if entry.isreg() else None)
    return Layer.of_tar(kept.getvalue())
