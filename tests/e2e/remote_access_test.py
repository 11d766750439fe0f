"""How clients reach the daemon: TLS on TCP, permissions of the socket, systemd, ssh."""

import grp
import os
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

from support.certificates import Authority
from support.cloud import AwsImposter
from support.daemon import Sockerlessd, clean_environment
from support.paths import program, system_program
from support.processes import Background, free_port, wait_until
from support.raw_http import Hijacked, answers, stdcopy_frames
from support.remote_daemon import RemoteSockerlessd

from e2e.base import EndToEnd, shared_registry


def refused_start(*options, environment=None):
    """What sockerlessd says of options that it does not start with."""
    result = subprocess.run(
        [program("sockerlessd"), "--state-dir", "/nonexistent", *options],
        capture_output=True,
        text=True,
        timeout=30,
        env=clean_environment(environment),
        check=False,
    )
    assert result.returncode == 1, result
    return result.stderr


class Tls(EndToEnd):
    """Mutual TLS, as DOCKER_TLS_VERIFY and DOCKER_CERT_PATH configure it on the client's side."""

    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()
        cls.server = cls.authority.issue("server", is_server=True)
        cls.client = cls.authority.issue("client")
        cls.port = free_port()
        options = [
            "--tls-cert", cls.server / "cert.pem", "--tls-key", cls.server / "key.pem",
            "--tls-ca", cls.authority.certificate,
        ]  # fmt: skip
        cls.daemon = Sockerlessd(shared_registry(), listen=[f"tcp://127.0.0.1:{cls.port}"], options=options)
        cls.services = [cls.daemon]

    @classmethod
    def tearDownClass(cls):
        cls.daemon.stop()
        cls.authority.close()

    def docker(self, certificates):
        cli = self.cli(self.daemon)
        environment = {
            "DOCKER_HOST": f"tcp://127.0.0.1:{self.port}",
            "DOCKER_TLS_VERIFY": "1",
            "DOCKER_CERT_PATH": str(certificates),
        }
        return lambda *arguments, **options: cli(*arguments, environment=environment, **options)

    def handshake(self, certificates=None, **settings):
        """The version that was agreed on after the server's word on our certificate."""
        context = ssl.create_default_context(cafile=self.authority.certificate)
        for name, value in settings.items():
            setattr(context, name, value)
        if certificates:
            context.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as secure:
                secure.sendall(b"GET /_ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                self.assertTrue(secure.recv(1024).startswith(b"HTTP/1.1 200 OK"))
                return secure.version()

    def test_the_docker_cli(self):
        docker = self.docker(self.client)
        self.assertEqual(docker("run", "--rm", "busybox", "echo", "over tls").stdout, "over tls\n")
        # The input's end goes through TLS by itself, the output comes after it.
        result = docker("run", "--rm", "-i", "busybox", "sh", "-c", "cat; echo end", stdin="one\ntwo\n")
        self.assertEqual(result.stdout, "one\ntwo\nend\n", result.stderr)
        big = docker("run", "--rm", "busybox", "head", "-c", "3000000", "/dev/zero")
        self.assertEqual(len(big.stdout), 3000000)

    def test_versions(self):
        self.assertEqual(self.handshake(self.client), "TLSv1.3")
        self.assertEqual(self.handshake(self.client, maximum_version=ssl.TLSVersion.TLSv1_2), "TLSv1.2")
        for version in ("-tls1_1", "-tls1"):
            command = [system_program("openssl"), "s_client", version, "-cipher", "ALL:@SECLEVEL=0"]
            command += ["-connect", f"127.0.0.1:{self.port}"]
            result = subprocess.run(command, input="", capture_output=True, text=True, timeout=20, check=False)
            self.assertNotEqual(result.returncode, 0, version)
            self.assertIn("alert protocol version", result.stderr, version)

    def test_strangers_are_refused(self):
        with self.assertRaises((ssl.SSLError, ConnectionError)) as none:
            self.handshake()
        self.assertIn("certificate required", str(none.exception).lower())
        other = Authority("another authority")
        self.addCleanup(other.close)
        with self.assertRaises((ssl.SSLError, ConnectionError)) as stranger:
            self.handshake(other.issue("client"))
        self.assertIn("unknown ca", str(stranger.exception).lower())
        with self.assertRaises((ssl.SSLError, ConnectionError)) as late:
            self.handshake(self.authority.issue("client", days="-1"))
        self.assertIn("certificate expired", str(late.exception).lower())

    def test_plain_http_is_no_tls(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as plain:
            plain.sendall(b"GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertNotIn(b"200 OK", plain.recv(1024))

    def test_files_are_read_again_at_sighup(self):
        def shown():
            return ssl.get_server_certificate(("127.0.0.1", self.port), timeout=10)

        before = shown()
        replacement = self.authority.issue("server", is_server=True)
        for name in ("key.pem", "cert.pem"):
            shutil.copy(replacement / name, self.server / name)
        os.kill(self.daemon.pid, signal.SIGHUP)
        wait_until(lambda: shown() != before, "the new certificate is shown")
        self.assertEqual(self.handshake(self.client), "TLSv1.3")
        (self.server / "cert.pem").write_text("nonsense")
        os.kill(self.daemon.pid, signal.SIGHUP)
        wait_until(lambda: "TLS files not taken" in self.daemon.log(), "the bad file is reported")
        self.assertEqual(self.handshake(self.client), "TLSv1.3")


class TlsAtShutdown(EndToEnd):
    """Clients that follow a container are told that the daemon ends, and see the end of TLS, not of its connection."""

    WEBSOCKET = ["Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]

    def setUp(self):
        self.authority = Authority()
        self.addCleanup(self.authority.close)
        server = self.authority.issue("server", is_server=True)
        self.port = free_port()
        options = ["--tls-cert", server / "cert.pem", "--tls-key", server / "key.pem"]
        listen = [f"tcp://127.0.0.1:{self.port}"]
        self.daemon = self.use(Sockerlessd(shared_registry(), listen=listen, options=options))

    def attached(self, method, path, headers):
        context = ssl.create_default_context(cafile=self.authority.certificate)
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        secure = context.wrap_socket(plain, server_hostname="localhost", suppress_ragged_eofs=False)
        self.addCleanup(secure.close)
        lines = [f"{method} {path}?stream=1&stdout=1 HTTP/1.1", "Host: docker", "Connection: Upgrade", *headers]
        secure.sendall("\r\n".join([*lines, "", ""]).encode())
        return Hijacked(secure)

    def test_attached_clients_are_told(self):
        self.cli(self.daemon).ok("run", "-d", "--name", "box", "busybox", "sleep", "92827371")
        multiplexed = self.attached("POST", "/containers/box/attach", ["Upgrade: tcp", "Content-Length: 0"])
        websocket = self.attached("GET", "/containers/box/attach/ws", self.WEBSOCKET)
        self.assertEqual(self.daemon.terminate(), 0)
        # Python's own error, were TLS cut off, would end these.
        ((stream, text),) = stdcopy_frames(multiplexed.read_all())
        self.assertEqual(stream, 2)
        self.assertIn(b"the daemon is shutting down", text)
        received = websocket.read_all()
        self.assertIn(b"the daemon is shutting down", received)
        self.assertTrue(received.endswith(b"\x88\x02\x03\xe8"), received)


class Options(EndToEnd):
    def test_plain_tcp_beyond_loopback_needs_a_word(self):
        said = refused_start("--local", "--listen", "tcp://0.0.0.0:2375")
        for word in ("tcp://0.0.0.0:2375", "other machines", "--tls-ca", "--insecure-tcp"):
            self.assertIn(word, said)

    def test_half_of_a_certificate(self):
        self.assertIn("--tls-key", refused_start("--local", "--tls-cert", "/x"))
        self.assertIn("--tls-cert", refused_start("--local", "--tls-ca", "/x"))

    def test_a_certificate_that_is_none(self):
        folder = Path(tempfile.mkdtemp(prefix="sockerless-tls-"))
        self.addCleanup(shutil.rmtree, folder)
        (folder / "cert.pem").write_text("nonsense")
        imposter = AwsImposter()
        self.addCleanup(imposter.stop)
        said = refused_start(
            "--endpoint-url", imposter.endpoint, "--ecs-subnets", "subnet-local",
            "--ecs-execution-role-arn", "arn:aws:iam::000000000000:role/execution",
            "--tls-cert", folder / "cert.pem", "--tls-key", folder / "cert.pem", "--state-dir", folder,
        )  # fmt: skip
        self.assertIn(str(folder / "cert.pem"), said)

    def test_a_mode_that_is_none(self):
        self.assertIn("--socket-mode", refused_start("--local", "--socket-mode", "rw"))

    def test_names_that_aws_cannot_have_are_all_listed(self):
        said = refused_start(
            "--region", "cn-north-1", "--ecs-subnets", "subnet-0123abcd,vpc-1", "--ecs-security-groups", "default",
            "--ecs-execution-role-arn", "arn:aws:iam::000000000000:role/execution", "--ecs-task-role-arn", "task",
            "--agent-efs-id", "fsap-1", "--ecs-cluster", "my cluster", "--ecs-log-group", "a b",
            "--registry-credentials", "ghcr.io=token",
        )  # fmt: skip
        for words in (
            '--ecs-subnets: "vpc-1" is not the id of a subnet',
            '--ecs-security-groups: "default" is not',
            "(arn:aws-cn:iam::ACCOUNT:role/NAME)",  # in China no ARN begins with arn:aws:
            '--ecs-execution-role-arn: "arn:aws:iam::000000000000:role/execution" is not the ARN of a role',
            '--ecs-task-role-arn: "task" is not',
            '--agent-efs-id: "fsap-1" is not',
            '--ecs-cluster: "my cluster" is not',
            '--ecs-log-group: "a b" is not',
            '--registry-credentials: "token" is not the ARN of a secret',
        ):
            self.assertIn(words, said)
        self.assertNotIn("subnet-0123abcd", said)


class Sockets(EndToEnd):
    """With an AWS that only has to be there."""

    def setUp(self):
        self.imposter = AwsImposter()
        self.addCleanup(self.imposter.stop)

    def daemon(self, *options, start=True):
        return self.use(RemoteSockerlessd(self.imposter.endpoint, options=options, start=start))

    def test_group_and_mode(self):
        daemon = self.daemon("--socket-group", "daemon", "--socket-mode", "0600")
        info = os.stat(daemon.address.removeprefix("unix://"))
        self.assertEqual(info.st_gid, grp.getgrnam("daemon").gr_gid)
        self.assertEqual(stat.S_IMODE(info.st_mode), 0o600)

    def test_an_unknown_group(self):
        daemon = self.daemon("--socket-group", "no-such-group", start=False)
        daemon.launch()
        wait_until(lambda: not daemon.process.is_running(), "it has ended")
        self.assertIn("no-such-group", daemon.log())

    def test_dial_stdio_as_ssh_uses_it(self):
        daemon = self.daemon()
        request = "GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n"
        result = self.cli(daemon)("system", "dial-stdio", stdin=request)
        self.assertTrue(result.stdout.startswith("HTTP/1.1 200 OK"), result)
        self.assertTrue(result.stdout.endswith("OK"), result)

    def test_a_second_signal_ends_at_once(self):
        daemon = self.daemon()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(daemon.address.removeprefix("unix://"))
            client.sendall(b"GET /v1.41/events HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertIn(b"200 OK", client.recv(4096))
            os.kill(daemon.pid, signal.SIGTERM)
            wait_until(lambda: "shutting down" in daemon.log(), "the first signal is seen")
            os.kill(daemon.pid, signal.SIGTERM)
            # The drain of running requests takes longer than this.
            wait_until(lambda: not daemon.process.is_running(), "it has ended", 5)
        self.assertIn("a second signal", daemon.log())


class Systemd(EndToEnd):
    def setUp(self):
        self.imposter = AwsImposter()
        self.addCleanup(self.imposter.stop)
        self.folder = Path(tempfile.mkdtemp(prefix="sockerless-systemd-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def test_notifications(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(self.folder / "notify"))
            manager.settimeout(20)
            environment = {"NOTIFY_SOCKET": str(self.folder / "notify")}
            daemon = self.use(RemoteSockerlessd(self.imposter.endpoint, environment=environment))
            self.assertEqual(manager.recv(100), b"READY=1")
            os.kill(daemon.pid, signal.SIGHUP)
            self.assertEqual(manager.recv(100), b"RELOADING=1")
            self.assertEqual(manager.recv(100), b"READY=1")
            daemon.terminate()
            self.assertEqual(manager.recv(100), b"STOPPING=1")

    def test_sockets_that_are_passed(self):
        daemon = self.use(RemoteSockerlessd(self.imposter.endpoint, start=False))
        path = self.folder / "passed.sock"
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(path))
            listening.listen()
            # Not the shell's `exec 3<&N`: dash takes an N of two digits for a syntax error.
            script = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ['LISTEN_PID'] = str(os.getpid()); "
            script += "os.execv(sys.argv[2], sys.argv[2:])"
            command = [sys.executable, "-c", script, str(listening.fileno()), program("sockerlessd")]
            server = Background(
                [*command, "--listen", "fd://", "--state-dir", self.folder / "state"],
                self.folder / "log",
                clean_environment({**daemon.environment_of_aws(), "LISTEN_FDS": "1"}),
                pass_fds=(listening.fileno(),),
            )
            self.addCleanup(server.stop)
            server.wait_ready(lambda: answers(f"unix://{path}"), "an answer over the passed socket")
        server.stop()
        # It belongs to the manager, who passes it to the next one.
        self.assertTrue(path.exists())

    def test_no_sockets_were_passed(self):
        daemon = self.use(RemoteSockerlessd(self.imposter.endpoint, start=False))
        options = ("--listen", "fd://", "--state-dir", self.folder / "state")
        self.assertIn("none were passed", refused_start(*options, environment=daemon.environment_of_aws()))
