"""Published ports: connections to this host, carried into the task by its agent."""

import re
import socket
import threading

from support import root_images
from support.daemon import Sockerlessd
from support.processes import free_port, wait_until
from support.registry import Pusher

from e2e.base import EndToEnd, shared_registry

ECHO = ["sh", "-c", "nc -ll -p 80 -e cat"]
WEB = ["sh", "-c", "mkdir /www; echo hello >/www/index.html; httpd -f -p 80 -h /www"]

PIECE = 1 << 20
PIECES = 1024


def piece(number):
    """No two pieces are the same, so that none can be lost, doubled or out of its place."""
    return number.to_bytes(8, "big") * (PIECE // 8)


def send_pieces(connection):
    for number in range(PIECES):
        connection.sendall(piece(number))
    connection.shutdown(socket.SHUT_WR)


class PublishedPorts(EndToEnd):
    deadline = 240
    agent = "reverse"

    @classmethod
    def setUpClass(cls):
        cls.daemon = Sockerlessd(shared_registry(), cls.agent)
        cls.services = [cls.daemon]

    @classmethod
    def tearDownClass(cls):
        cls.daemon.stop()

    def setUp(self):
        self.docker = self.cli(self.daemon)
        self.addCleanup(self.daemon.remove_containers)

    def run_published(self, command, *options, image="busybox"):
        """A running container; its port 80 as (host, port)."""
        self.docker.ok("run", "-d", "--name", "box", *options, image, *command)
        host, _, port = self.docker.ok("port", "box", "80").splitlines()[0].rpartition(":")
        return host.replace("0.0.0.0", "127.0.0.1"), int(port)

    def get(self, address):
        with socket.create_connection(address, timeout=20) as client:
            client.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return b"".join(iter(lambda: client.recv(65536), b""))

    def wait_until_served(self, address):
        def is_served():
            try:
                return self.get(address)
            except OSError:
                return False

        wait_until(is_served, "the container's server is there")

    def test_a_web_server_on_a_given_port(self):
        number = free_port()
        address = self.run_published(WEB, "-p", f"127.0.0.1:{number}:80")
        self.assertEqual(address, ("127.0.0.1", number))
        self.wait_until_served(address)
        self.assertIn(b"hello\n", self.get(address))
        self.assertIn(f"127.0.0.1:{number}->80/tcp", self.docker.ok("ps", "--format", "{{.Ports}}"))

    def test_an_allocated_port_on_all_addresses(self):
        self.docker.ok("run", "-d", "--name", "box", "-p", "80", "busybox", *WEB)
        shown = self.docker.ok("port", "box").splitlines()
        self.assertRegex(shown[0], r"80/tcp -> 0\.0\.0\.0:\d+")
        port = int(shown[0].rpartition(":")[2])
        self.wait_until_served(("127.0.0.1", port))
        for line in shown[1:]:
            self.assertEqual(line, f"80/tcp -> [::]:{port}")

    def test_publish_all_and_ranges(self):
        first = free_port()
        self.docker.ok(
            "run", "-d", "--name", "box", "-P", "--expose", "81", "-p", f"127.0.0.1:{first}-{first + 20}:80",
            "busybox", *WEB,
        )  # fmt: skip
        shown = self.docker.ok("port", "box")
        self.assertRegex(shown, r"81/tcp -> 0\.0\.0\.0:\d+")
        number = int(re.search(r"80/tcp -> 127\.0\.0\.1:(\d+)", shown).group(1))
        self.assertTrue(first <= number <= first + 20, shown)

    def test_a_taken_port_is_named_and_costs_nothing(self):
        with socket.socket() as other:
            other.bind(("0.0.0.0", 0))
            other.listen()
            number = other.getsockname()[1]
            refused = self.docker("run", "-d", "--name", "second", "-p", f"{number}:80", "busybox", "true")
        self.assert_refused(refused, f"failed to bind host port 0.0.0.0:{number}/tcp: address already in use")
        self.assertEqual(refused.exit_code, 125)
        self.assertEqual(self.docker.ok("inspect", "-f", "{{.State.Status}}", "second"), "created")
        self.docker.ok("start", "second")
        address = self.run_published(WEB, "-p", "127.0.0.1:0:80")
        twice = self.docker("run", "--rm", "-p", f"127.0.0.1:{address[1]}:80", "busybox", "true")
        self.assert_refused(twice, f"Bind for 127.0.0.1:{address[1]} failed: port is already allocated")

    def test_the_port_is_freed_when_the_container_ends(self):
        number = free_port()
        self.run_published(WEB, "-p", f"127.0.0.1:{number}:80")
        self.docker.ok("kill", "box")
        self.docker.ok("wait", "box")
        self.assertEqual(self.docker.ok("port", "box"), "")
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            other.bind(("127.0.0.1", number))
        self.docker.ok("start", "box")
        self.wait_until_served(("127.0.0.1", number))

    def test_nothing_listens(self):
        address = self.run_published(["sleep", "1000"], "-p", "127.0.0.1:0:80")
        with self.assertRaises(ConnectionResetError):
            self.get(address)

    def test_both_directions_end_by_themselves(self):
        address = self.run_published(ECHO, "-p", "127.0.0.1:0:80")

        def talk():
            try:
                with socket.create_connection(address, timeout=20) as client:
                    client.sendall(b"one\n")
                    client.shutdown(socket.SHUT_WR)
                    return b"".join(iter(lambda: client.recv(4096), b""))
            except ConnectionResetError:
                return b""

        wait_until(lambda: talk() == b"one\n", "the server echoes what came before the end")

    def test_200_connections_at_once(self):
        Pusher(shared_registry().host).push_image("library/greeter", "latest", root_images.scratch())
        address = self.run_published(["/waiter", "greet"], "-p", "127.0.0.1:0:80", image="greeter")
        self.wait_until_served(address)
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(self.get(address))) for _ in range(200)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual([answer.endswith(b"hello\n") for answer in answers], [True] * 200)

    def test_a_gibibyte_in_both_directions(self):
        address = self.run_published(ECHO, "-p", "127.0.0.1:0:80")
        wait_until(lambda: self.echoed(address, b"x") == b"x", "the server is there")
        with socket.create_connection(address, timeout=60) as client:
            sender = threading.Thread(target=lambda: send_pieces(client))
            sender.start()
            received = client.makefile("rb")
            wrong = [number for number in range(PIECES) if received.read(PIECE) != piece(number)]
            self.assertEqual((wrong, received.read()), ([], b""))
            sender.join(20)
        self.assertEqual(self.echoed(address, b"more"), b"more")

    def echoed(self, address, data):
        try:
            with socket.create_connection(address, timeout=60) as client:
                sender = threading.Thread(target=lambda: (client.sendall(data), client.shutdown(socket.SHUT_WR)))
                sender.start()
                received = b"".join(iter(lambda: client.recv(1 << 20), b""))
                sender.join()
                return received
        except ConnectionError:
            return b""

    def test_udp_is_a_named_warning(self):
        result = self.docker("create", "--name", "udp", "-p", "0:53/udp", "busybox", "true")
        self.assertEqual(result.exit_code, 0)
        self.assertIn("UDP", result.stderr)


class PublishedPortsForward(PublishedPorts):
    agent = "forward"
