"""Docker Compose: a project of two services, from up to down."""

import json
import shutil
import subprocess
import tempfile
import textwrap
import urllib.request
from pathlib import Path

from support.compose import find_compose
from support.daemon import Sockerlessd, clean_environment
from support.processes import Background, wait_until

from e2e.base import EndToEnd, shared_registry

PROJECT = """
services:
  web:
    image: busybox
    command: [sh, -c, "mkdir -p /www; echo hello from web >/www/index.html; echo serving; exec httpd -f -p 80 -h /www"]
    ports: ["127.0.0.1:0:80"]
    volumes: ["data:/data"]
    networks: [back]
    healthcheck: {test: [CMD, wget, -q, -O, /dev/null, "http://127.0.0.1/"], interval: 500ms, timeout: 5s, retries: 20}
  client:
    build: {context: ., args: {WORD: built}}
    depends_on: {web: {condition: service_healthy}}
    networks: [back]
    command: [sh, -c, "echo $$WORD $$(wget -q -O - http://web/); exec sleep 300"]
networks: {back: {}}
volumes: {data: {}}
"""
DOCKERFILE = """
FROM busybox
ARG WORD
ENV WORD=$WORD
COPY file.txt /file.txt
"""


class Compose(EndToEnd):
    deadline = 180
    generation = 1

    def setUp(self):
        self.program = find_compose(self.generation)
        if not self.program:
            self.skipTest(f"no Docker Compose {self.generation} on this machine")
        self.daemon = self.use(Sockerlessd(shared_registry()))
        self.docker = self.cli(self.daemon)
        self.folder = Path(tempfile.mkdtemp(prefix="sockerless-compose-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        (self.folder / "docker-compose.yml").write_text(textwrap.dedent(PROJECT))
        (self.folder / "Dockerfile").write_text(textwrap.dedent(DOCKERFILE).lstrip())
        (self.folder / "file.txt").write_text("a file\n")

    def command(self, *words):
        file = self.folder / "docker-compose.yml"
        return [*self.program, "-p", "demo", "--project-directory", str(self.folder), "-f", str(file), *words]

    def environment(self, **more):
        return clean_environment(
            {
                "DOCKER_HOST": self.daemon.address,
                "DOCKER_BUILDKIT": "0",
                "COMPOSE_DOCKER_CLI_BUILD": "0",
                "COMPOSE_API_VERSION": "1.41",
                **more,
            }
        )

    def compose(self, *words, **variables):
        environment = self.environment(**variables)
        result = subprocess.run(
            self.command(*words), env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        self.assertEqual(result.returncode, 0, f"{words}: {result.stdout}{result.stderr}")
        return result.stdout

    def ids(self):
        return sorted(self.compose("ps", "-q").split())

    def test_a_project_of_two_services(self):
        self.compose("up", "-d", "--build")
        self.assertEqual(len(self.ids()), 2)
        client = self.docker.ok("ps", "-q", "--filter", "label=com.docker.compose.service=client").strip()
        # Started when web was healthy, it has fetched from it by its name.
        wait_until(lambda: "built hello from web" in self.docker.ok("logs", client), "the client has fetched")
        self.assertEqual(self.compose("exec", "-T", "client", "cat", "/file.txt"), "a file\n")

        port = self.compose("port", "web", "80").strip()
        with urllib.request.urlopen(f"http://{port}/", timeout=20) as answer:
            self.assertEqual(answer.read(), b"hello from web\n")

        before = self.ids()
        self.compose("up", "-d")
        self.assertEqual(self.ids(), before, "a second up recreates nothing")

        self.follow_logs()
        volume = json.loads(self.docker.ok("volume", "inspect", "demo_data"))[0]
        self.assertEqual(volume["Labels"]["com.docker.compose.project"], "demo")

        self.compose("down", "-v")
        self.assertEqual(self.docker.ok("ps", "-aq"), "")
        self.assertNotIn("demo", self.docker.ok("network", "ls", "--format", "{{.Name}}"))
        self.assertNotIn("demo", self.docker.ok("volume", "ls", "-q"))

    def follow_logs(self):
        logs = Background(self.command("logs", "-f", "--no-color"), self.folder / "logs", self.environment())
        try:
            wait_until(lambda: "serving" in logs.output() and "hello from web" in logs.output(), "both services' logs")
        finally:
            logs.stop(10)

    def test_a_changed_service_is_recreated_alone(self):
        self.compose("up", "-d", "--build")
        before = set(self.ids())
        path = self.folder / "docker-compose.yml"
        path.write_text(path.read_text().replace("exec sleep 300", "exec sleep 301"))
        self.compose("up", "-d")
        after = set(self.ids())
        self.assertEqual(len(after), 2)
        self.assertEqual(len(before & after), 1)
        self.compose("down", "-v")


class ComposeV2(Compose):
    generation = 2

    def test_secrets_and_configs_are_there_when_the_command_runs(self):
        project = """
            services:
              app:
                image: busybox
                command: [cat, /run/secrets/word, /etc/app.conf]
                secrets: [word]
                configs: [{source: app, target: /etc/app.conf}]
            secrets: {word: {environment: WORD}}
            configs: {app: {content: "a setting"}}
        """
        (self.folder / "docker-compose.yml").write_text(textwrap.dedent(project))
        self.assertIn("a secret a setting", self.compose("up", "--no-log-prefix", WORD="a secret "))
        self.compose("down")
