"""Networks: containers find each other by name, while others come and go, and after the daemon has been away."""

from support.cloud import SockerlessCloud
from support.daemon import Sockerlessd
from support.processes import wait_until
from support.remote_daemon import RemoteSockerlessd

from e2e.base import EndToEnd, shared_registry

WEB = ["sh", "-c", "mkdir /www; echo hello >/www/index.html; httpd -f -p 80 -h /www"]


class Networks(EndToEnd):
    deadline = 120
    agent = "reverse"

    def setUp(self):
        self.daemon = self.use(Sockerlessd(shared_registry(), self.agent))
        self.docker = self.cli(self.daemon)
        self.docker.ok("network", "create", "app")

    def run_in(self, network, name, *options, command=("sleep", "300")):
        self.docker.ok("run", "-d", "--name", name, "--network", network, *options, "busybox", *command)

    def fetches(self, client, address):
        return self.docker("exec", client, "wget", "-q", "-O", "-", f"http://{address}/").stdout == "hello\n"

    def hosts(self, name):
        return self.docker.ok("exec", name, "cat", "/etc/hosts")

    def test_names_work_in_both_directions(self):
        self.run_in("app", "web", "--network-alias", "www", command=WEB)
        self.run_in("app", "client")
        wait_until(lambda: self.fetches("client", "web"), "web answers by its name")
        self.assertTrue(self.fetches("client", "www"))
        self.assertTrue(self.fetches("client", self.docker.ok("ps", "-q", "--filter", "name=web").strip()))
        self.assertTrue(self.fetches("web", "web"))
        # The first one learns of the second.
        wait_until(lambda: "client" in self.hosts("web"), "web knows its client")
        self.docker.ok("exec", "web", "ping", "-c", "1", "client")

    def test_strangers_have_no_names(self):
        self.run_in("app", "web", command=WEB)
        self.docker.ok("run", "-d", "--name", "stranger", "busybox", "sleep", "300")
        self.assertNotIn("web", self.hosts("stranger"))
        self.docker.ok("network", "connect", "--alias", "s", "app", "stranger")
        wait_until(lambda: self.fetches("stranger", "web"), "the stranger knows web now")
        wait_until(lambda: " s " in self.hosts("web"), "web knows the stranger's alias")
        self.docker.ok("network", "disconnect", "app", "stranger")
        wait_until(lambda: "web" not in self.hosts("stranger"), "the stranger has forgotten web")
        wait_until(lambda: "stranger" not in self.hosts("web"), "web has forgotten the stranger")

    def test_names_follow_a_restarted_container(self):
        self.run_in("app", "web", command=WEB)
        self.run_in("app", "client")
        wait_until(lambda: self.fetches("client", "web"), "web answers by its name")
        self.docker.ok("rm", "-f", "web")
        wait_until(lambda: "web" not in self.hosts("client"), "the name is gone with its container")
        self.run_in("app", "web", command=WEB)
        wait_until(lambda: self.fetches("client", "web"), "the new web answers by the name")

    def test_what_the_image_has_in_the_file_stays(self):
        self.run_in("app", "box", "--add-host", "db:10.1.1.1", "-h", "box1")
        hosts = self.hosts("box")
        self.assertIn("localhost", hosts)
        self.assertIn("10.1.1.1 db\n", hosts)
        self.assertRegex(hosts, r"(?m)^\d+\.\d+\.\d+\.\d+ box1 box ")


class NetworksForward(Networks):
    agent = "forward"


class NetworksOverRestart(Networks):
    """The tasks are in a cloud of its own, so they live on without the daemon."""

    def setUp(self):
        self.cloud = self.use(SockerlessCloud(shared_registry()))
        self.daemon = self.use(RemoteSockerlessd(self.cloud.endpoint, shared_registry()))
        self.docker = self.cli(self.daemon)
        self.docker.ok("network", "create", "app")

    def test_networks_and_names_survive_a_restart_of_the_daemon(self):
        self.run_in("app", "web", command=WEB)
        before = self.docker.ok("network", "inspect", "app")
        self.daemon.terminate()
        self.daemon.start()
        self.assertEqual(self.docker.ok("network", "inspect", "app"), before)
        self.run_in("app", "client")
        wait_until(lambda: self.fetches("client", "web"), "web answers by its name")
        wait_until(lambda: "client" in self.hosts("web"), "web knows who has come since")
