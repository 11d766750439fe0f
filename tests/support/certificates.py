"""Certificates for TLS tests, made by the openssl program."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from support.paths import system_program


class Authority:
    """An authority; its certificates are folders with ca.pem, cert.pem and key.pem, as DOCKER_CERT_PATH has it."""

    def __init__(self, name="authority"):
        self.folder = Path(tempfile.mkdtemp(prefix="sockerless-ca-"))
        self.certificate = self.folder / "ca.pem"
        self._key = self.folder / "ca-key.pem"
        _openssl(
            "req", "-x509", *_new_key(self._key), "-subj", f"/CN={name}", "-days", "2", "-out", self.certificate
        )

    def issue(self, name, is_server=False, days="2"):
        """A certificate for a server at 127.0.0.1 and localhost, or for a client."""
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        request, extensions = folder / "request.pem", folder / "extensions"
        usage = "serverAuth" if is_server else "clientAuth"
        names = "subjectAltName=IP:127.0.0.1,DNS:localhost\n" if is_server else ""
        extensions.write_text(f"extendedKeyUsage={usage}\n{names}")
        _openssl("req", *_new_key(folder / "key.pem"), "-subj", f"/CN={name}", "-out", request)
        _openssl(
            "x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key, "-CAcreateserial",
            "-days", days, "-extfile", extensions, "-out", folder / "cert.pem",
        )  # fmt: skip
        shutil.copy(self.certificate, folder / "ca.pem")
        return folder

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def _new_key(file):
    return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", file)


def _openssl(*arguments):
    command = [system_program("openssl"), *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
