"""Stands between a daemon and an AWS endpoint: records every request, and spoils some answers."""

import http.client
import json
import random
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Request:
    """`operation` and, of a JSON service, `parameters`."""

    def __init__(self, headers, body):
        target = headers.get("X-Amz-Target", "")
        self.service = target.partition("_")[0].partition(".")[0]  # AmazonEC2ContainerServiceV20141113, Logs
        self.is_json = bool(target)
        if target:
            self.operation = target.rpartition(".")[2]
            self.parameters = json.loads(body or b"{}")
        else:
            self.parameters = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            self.operation = self.parameters.get("Action", "")


class AwsProxy:
    """Serves until `stop`. Of a hundred requests, `throttled` are refused, `failing` are answered 500, and `dropped`
    are carried out and then not answered; which ones follows from the seed."""

    def __init__(self, upstream, throttled=0, failing=0, dropped=0, seed=1):
        self.requests = []
        self.faults = {"throttled": 0, "failing": 0, "dropped": 0}
        self._upstream = urlsplit(upstream)
        self._limits = (throttled, failing, dropped)
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                proxy._handle(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def operations(self):
        return {request.operation for request in self.requests}

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def log(self):
        return "\n".join(request.operation for request in self.requests[-30:])

    def _fault(self):
        """What becomes of the next request: a name of `faults`, or None."""
        with self._lock:
            number = self._random.uniform(0, 100)
            for name, limit in zip(self.faults, self._limits, strict=True):
                if number < limit:
                    self.faults[name] += 1
                    return name
                number -= limit
        return None

    def _handle(self, handler, body):
        with self._lock:
            self.requests.append(Request(handler.headers, body))
        fault = self._fault()
        if fault == "throttled":
            self._answer(handler, 400, b'{"__type":"ThrottlingException","message":"Rate exceeded"}')
            return
        if fault == "failing":
            self._answer(handler, 500, b'{"__type":"ServerException","message":"Service Unavailable"}')
            return
        # The host that was signed is sent on, so that the signature still fits.
        connection = http.client.HTTPConnection(self._upstream.hostname, self._upstream.port, timeout=60)
        try:
            connection.request("POST", handler.path, body, dict(handler.headers))
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if fault == "dropped":
            handler.close_connection = True
            return
        self._answer(handler, answer.status, content, dict(answer.getheaders()))

    @staticmethod
    def _answer(handler, status, content, headers=None):
        handler.send_response(status)
        for name, value in (headers or {"Content-Type": "application/x-amz-json-1.1"}).items():
            if name.lower() not in ("content-length", "connection", "date", "server", "transfer-encoding"):
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)
