"""What docker-py does, against the daemon of DOCKER_HOST. Prints "N passed, M failed" and how many calls it made."""

import sys
import time
import unittest

import docker
import requests
from docker.errors import APIError, ImageNotFound, NotFound
from docker.types import Mount

FOREVER = ["sh", "-c", "echo up; while :; do sleep 0.1; done"]
IMAGE = "busybox:latest"
LEAST_CALLS = 60


class CallCounter:
    """Counts the requests of every client."""

    def __init__(self):
        self.calls = 0
        self._send = requests.Session.send
        requests.Session.send = self._counted()

    def _counted(self):
        def send(session, request, **options):
            self.calls += 1
            return self._send(session, request, **options)

        return send


COUNTER = CallCounter()


class Suite(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.client = docker.from_env(timeout=120)
        cls.client.images.pull("busybox", tag="latest")

    def setUp(self):
        self.kept = []

    def tearDown(self):
        for container in self.kept:
            try:
                container.remove(force=True, v=True)
            except NotFound:
                pass

    def create(self, command="true", **options):
        container = self.client.containers.create(IMAGE, command, **options)
        self.kept.append(container)
        return container

    def run_detached(self, command=None, **options):
        container = self.client.containers.run(IMAGE, command or FOREVER, detach=True, **options)
        self.kept.append(container)
        return container


class System(Suite):
    def test_ping_version_and_info(self):
        self.assertTrue(self.client.ping())
        version = self.client.version()
        self.assertIn("ApiVersion", version)
        self.assertEqual(self.client.info()["OSType"], "linux")

    def test_usage(self):
        usage = self.client.df()
        self.assertTrue(any(IMAGE in image["RepoTags"] for image in usage["Images"]))
        self.assertIsInstance(usage["Volumes"], list)

    def test_login_of_nobody_at_an_unreachable_registry(self):
        answer = self.client.login("somebody", "secret", registry="127.0.0.1:1", reauth=True)
        self.assertIn("Login Succeeded", answer["Status"])

    def test_events_of_a_container(self):
        before = int(self.client.info()["SystemTime"][17:19])
        self.assertGreaterEqual(before, 0)
        stream = self.client.events(decode=True, filters={"type": "container"})
        container = self.create(name="py-events")
        first = next(stream)
        stream.close()
        self.assertEqual((first["Action"], first["Actor"]["ID"]), ("create", container.id))


class Swarm(Suite):
    def test_there_is_none(self):
        for call in (self.client.nodes.list, self.client.services.list, self.client.secrets.list):
            with self.assertRaises(APIError) as raised:
                call()
            self.assertEqual(raised.exception.status_code, 503)

    def test_there_are_no_plugins(self):
        self.assertEqual(self.client.plugins.list(), [])
        with self.assertRaises(NotFound):
            self.client.plugins.get("no-such-plugin")


class Images(Suite):
    def test_list_and_inspect(self):
        image = self.client.images.get(IMAGE)
        self.assertIn(IMAGE, image.tags)
        self.assertIn(image.id, [other.id for other in self.client.images.list(name="busybox")])
        self.assertEqual(image.attrs["Os"], "linux")

    def test_tag_and_remove(self):
        image = self.client.images.get(IMAGE)
        self.assertTrue(image.tag("py-suite/again", tag="v1"))
        self.assertIn("py-suite/again:v1", self.client.images.get("py-suite/again:v1").tags)
        self.client.images.remove("py-suite/again:v1")
        with self.assertRaises(ImageNotFound):
            self.client.images.get("py-suite/again:v1")

    def test_unknown_image(self):
        with self.assertRaises(ImageNotFound):
            self.client.images.get("no-such-image:none")
        with self.assertRaises(ImageNotFound):
            self.client.containers.create("no-such-image:none", "true")

    def test_prune_and_search(self):
        self.assertIn("SpaceReclaimed", self.client.images.prune(filters={"label": "nothing-has-this"}))
        self.assertEqual(self.client.images.search("busybox"), [])

    def test_registry_data(self):
        data = self.client.images.get_registry_data("busybox:latest")
        self.assertTrue(data.id.startswith("sha256:"))
        self.assertTrue(data.has_platform("linux/amd64"))


class Volumes(Suite):
    def test_life_of_a_volume(self):
        volume = self.client.volumes.create("py-volume", labels={"suite": "py"})
        self.assertEqual(volume.attrs["Labels"], {"suite": "py"})
        self.assertIn("py-volume", [other.name for other in self.client.volumes.list(filters={"label": "suite=py"})])
        volume.reload()
        volume.remove()
        with self.assertRaises(NotFound):
            self.client.volumes.get("py-volume")

    def test_mounts(self):
        container = self.create(
            volumes={"py-data": {"bind": "/data", "mode": "ro"}}, mounts=[Mount("/cache", None, type="tmpfs")]
        )
        mounts = {mount["Destination"]: mount for mount in self.client.api.inspect_container(container.id)["Mounts"]}
        self.assertEqual((mounts["/data"]["Type"], mounts["/data"]["RW"]), ("volume", False))
        self.assertEqual(mounts["/cache"]["Type"], "tmpfs")
        with self.assertRaises(APIError) as raised:
            self.client.volumes.get("py-data").remove()
        self.assertEqual(raised.exception.status_code, 409)
        container.remove()
        self.client.volumes.get("py-data").remove()

    def test_prune(self):
        self.client.volumes.create("py-pruned", labels={"suite": "pruned"})
        report = self.client.volumes.prune(filters={"all": True, "label": "suite=pruned"})
        self.assertEqual(report["VolumesDeleted"], ["py-pruned"])


class Containers(Suite):
    def test_run_gives_the_output(self):
        self.assertEqual(self.client.containers.run(IMAGE, ["echo", "hello"], remove=True), b"hello\n")

    def test_run_of_a_command_that_fails(self):
        with self.assertRaises(docker.errors.ContainerError) as raised:
            self.client.containers.run(IMAGE, ["sh", "-c", "exit 3"], remove=True)
        self.assertEqual(raised.exception.exit_status, 3)

    def test_life_of_a_container(self):
        container = self.run_detached(name="py-life", labels={"suite": "py"}, environment={"A": "1"})
        container.reload()
        self.assertEqual(container.status, "running")
        self.assertIn("A=1", container.attrs["Config"]["Env"])
        container.rename("py-renamed")
        self.assertEqual(self.client.containers.get("py-renamed").id, container.id)
        container.kill()
        self.assertEqual(container.wait()["StatusCode"], 137)
        container.start()
        container.restart(timeout=1)
        container.stop(timeout=1)
        container.reload()
        self.assertEqual(container.status, "exited")

    def test_logs(self):
        container = self.create(["sh", "-c", "echo one; echo two"])
        container.start()
        container.wait()
        self.assertEqual(container.logs(tail=1), b"two\n")
        self.assertEqual(b"".join(container.logs(stream=True)), b"one\ntwo\n")

    def test_list_filters(self):
        container = self.create(name="py-listed", labels={"suite": "list"})
        found = self.client.containers.list(all=True, filters={"label": "suite=list", "status": "created"})
        self.assertEqual([other.id for other in found], [container.id])
        self.assertEqual(self.client.containers.list(filters={"label": "suite=list"}), [])
        self.assertEqual(len(self.client.containers.list(all=True, limit=1)), 1)

    def test_exec(self):
        container = self.run_detached()
        for _ in range(20):
            result = container.exec_run(["sh", "-c", "echo out; exit 5"])
            self.assertEqual((result.exit_code, result.output), (5, b"out\n"))

    def test_update_and_restart_policy(self):
        container = self.create(restart_policy={"Name": "on-failure", "MaximumRetryCount": 2})
        container.update(restart_policy={"Name": "no"})
        container.reload()
        self.assertEqual(container.attrs["HostConfig"]["RestartPolicy"]["Name"], "no")

    def test_health(self):
        container = self.run_detached(
            healthcheck={"test": ["CMD-SHELL", "true"], "interval": 1_000_000_000, "retries": 1}
        )
        end = time.monotonic() + 20
        while container.health != "healthy" and time.monotonic() < end:
            container.reload()
        self.assertEqual(container.health, "healthy")

    def test_prune(self):
        container = self.create(labels={"suite": "prune"})
        report = self.client.containers.prune(filters={"label": "suite=prune"})
        self.assertEqual(report["ContainersDeleted"], [container.id])

    def test_conflicts(self):
        self.create(name="py-taken")
        with self.assertRaises(APIError) as raised:
            self.create(name="py-taken")
        self.assertEqual(raised.exception.status_code, 409)
        with self.assertRaises(NotFound):
            self.client.containers.get("no-such-container")

    def test_attach_before_start(self):
        container = self.create(["echo", "attached"])
        stream = container.attach(stream=True, logs=False)
        container.start()
        self.assertEqual(b"".join(stream), b"attached\n")


class Calls(unittest.TestCase):
    """Runs last, by its place in the suite."""

    def test_there_were_enough(self):
        self.assertGreaterEqual(COUNTER.calls, LEAST_CALLS)


def main():
    loader = unittest.TestLoader()
    suite = unittest.TestSuite(
        loader.loadTestsFromTestCase(case) for case in (System, Swarm, Images, Volumes, Containers, Calls)
    )
    result = unittest.TextTestRunner(verbosity=2, stream=sys.stdout).run(suite)
    failed = len(result.failures) + len(result.errors)
    print(f"docker-py {docker.__version__}: {COUNTER.calls} calls")
    print(f"{result.testsRun - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
