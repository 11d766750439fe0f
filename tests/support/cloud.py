"""sockerless-cloud without a daemon, and an AWS stand-in whose answers the test decides."""

import json
import os
import shutil
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from support import system
from support.cloud_admin import CloudAdmin
from support.daemon import clean_environment
from support.paths import program
from support.processes import Background

EFS_ID = "fs-local"


class SockerlessCloud:
    """Serves from the constructor's end until `stop`; an EFS file system `fs-local` holds the agent."""

    def __init__(self, registry=None, options=()):
        self.folder = Path(tempfile.mkdtemp(prefix="sockerless-cloud-"))
        self.efs = self.folder / "efs"
        self._registry, self._options = registry, list(options)
        self._process = None
        self.prefix = []  # words before the program's name
        try:
            self._put_agent()
            self.start()
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self):
        return self._process.pid

    @property
    def process(self):
        return self._process

    def log(self):
        return self._process.output() if self._process else ""

    def start(self):
        """Starts the program and reads its address from the line that it writes when it serves."""
        reading, writing = os.pipe()
        try:
            command = [
                *self.prefix,
                program("sockerless-cloud"),
                "--listen",
                "127.0.0.1:0",
                "--data-dir",
                self.folder / "data",
                "--cluster",
                "default",
                "--efs",
                f"{EFS_ID}={self.efs}",
                "--ready-fd",
                writing,
                *self._options,
            ]
            if self._registry:
                command += ["--registry-mirror", f"docker.io={self._registry.url}"]
            self._process = Background(command, self.folder / "log", clean_environment(), pass_fds=(writing,))
            os.close(writing)
            writing = None
            os.set_blocking(reading, False)
            received = bytearray()

            def line():
                try:
                    received.extend(os.read(reading, 4096))
                except BlockingIOError:
                    pass
                return b"\n" in received

            self._process.wait_ready(line, "sockerless-cloud's ready line", 30)
            ready = json.loads(received)
            self.endpoint, self.gateway = ready["endpoint"], ready["gateway"]
            self.admin = CloudAdmin(ready["admin"]) if "admin" in ready else None
        finally:
            os.close(reading)
            if writing is not None:
                os.close(writing)
        return self

    def stop(self):
        status = None
        if self._process:
            status = self._process.stop(30)
        system.unmount_under(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        return status

    def _put_agent(self):
        for architecture in ("amd64", "arm64"):
            folder = self.efs / architecture
            folder.mkdir(parents=True)
            shutil.copy(program("sockerless-agent"), folder / "sockerless-agent")


class AwsImposter:
    """Answers each AWS call with what `answers[operation]` says: a dict, a (status, dict) pair, a function of the
    request, or a list of those, used one after the other and the last again and again. Records what was asked."""

    def __init__(self, answers=None):
        self.answers = {
            "RegisterTaskDefinition": self._register,
            "DeregisterTaskDefinition": self._deregister,
            "StopTask": {"task": {}},
            "ListTasks": {"taskArns": []},
            "DescribeTasks": {"tasks": [], "failures": []},
            "TagResource": {},
            "CreateLogGroup": {},
            "GetLogEvents": {"events": [], "nextForwardToken": "f/1", "nextBackwardToken": "b/1"},
            **(answers or {}),
        }
        self.calls = []
        self._lock = threading.Lock()
        self._revision = 0
        imposter = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
                status, answer = imposter._answer(self.headers.get("X-Amz-Target", "").rpartition(".")[2], body)
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *_: None  # a client that leaves early is no error here
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def called(self, operation):
        """The bodies of all calls of an operation so far."""
        with self._lock:
            return [body for name, body in self.calls if name == operation]

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, operation, body):
        with self._lock:
            self.calls.append((operation, body))
            answer = self.answers.get(operation)
            if isinstance(answer, list):
                answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if callable(answer):
            answer = answer(body)
        if answer is None:
            return 400, {"__type": "InvalidAction", "message": f"the test has no answer for {operation}"}
        return answer if isinstance(answer, tuple) else (200, answer)

    def _register(self, body):
        self._revision += 1
        arn = f"arn:aws:ecs:us-east-1:000000000000:task-definition/{body['family']}:{self._revision}"
        return {"taskDefinition": {**body, "taskDefinitionArn": arn, "revision": self._revision, "status": "ACTIVE"}}

    @staticmethod
    def _deregister(body):
        return {"taskDefinition": {"taskDefinitionArn": body["taskDefinition"], "status": "INACTIVE"}}
