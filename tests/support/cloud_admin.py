"""The admin API of a local cloud; docs/local-cloud.md says what there is."""

import json
import urllib.error
import urllib.request


class Refused(Exception):
    def __init__(self, status, message):
        super().__init__(f"{status}: {message}")
        self.status = status


class CloudAdmin:
    def __init__(self, endpoint):
        self._endpoint = endpoint

    def faults(self):
        return self._call("GET", "faults")

    def change(self, **members):
        return self._call("PATCH", "faults", members)

    def reset(self):
        return self._call("DELETE", "faults")

    def advance(self, seconds):
        return self._call("POST", "clock", {"advanceMs": int(seconds * 1000)})

    def tasks(self, last_status=None):
        narrowed = f"?lastStatus={last_status}" if last_status else ""
        return self._call("GET", f"tasks{narrowed}")["tasks"]

    def task(self, arn):
        return self._call("GET", self._path_of(arn))

    def interrupt(self, arn):
        return self._call("POST", f"{self._path_of(arn)}/interrupt")

    def kill_agent(self, arn):
        return self._call("POST", f"{self._path_of(arn)}/kill-agent")

    def partition(self, arn):
        return self._call("POST", f"{self._path_of(arn)}/partition")

    def heal(self, arn):
        return self._call("DELETE", f"{self._path_of(arn)}/partition")

    @staticmethod
    def _path_of(arn):
        return f"tasks/{arn.rpartition('/')[2]}"

    def _call(self, method, path, body=None):
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._endpoint}/v1/{path}", content, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Refused(error.code, json.load(error)["message"]) from None
