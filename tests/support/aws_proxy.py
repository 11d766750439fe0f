"""Stands between a daemon and an AWS endpoint and records every request."""

import http.client
import json
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
    """Serves until `stop`."""

    def __init__(self, upstream):
        self.requests = []
        self._upstream = urlsplit(upstream)
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

    def _handle(self, handler, body):
        with self._lock:
            self.requests.append(Request(handler.headers, body))
        # The host that was signed is sent on, so that the signature still fits.
        connection = http.client.HTTPConnection(self._upstream.hostname, self._upstream.port, timeout=60)
        try:
            connection.request("POST", handler.path, body, dict(handler.headers))
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
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
