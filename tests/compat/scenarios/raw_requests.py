"""Requests that no docker command sends: unknown paths, bad versions, bad bodies, bad values."""

from compat.recording import scenario


@scenario
def unknown_routes(s):
    """A path that does not exist, and a method that a path does not have."""
    s.http("GET", "/v1.41/no/such/path")
    s.http("GET", "/")
    s.http("GET", "/v1.41/")
    s.http("POST", "/v1.41/containers/json")
    s.http("PUT", "/v1.41/containers/create", {})
    s.http("DELETE", "/v1.41/_ping")
    s.http("GET", "/v1.41/containers/")


@scenario
def unsupported_versions(s):
    """Versions that are too new, too old, or none."""
    s.http("GET", "/v9.99/containers/json", label="too new")
    s.http("GET", "/v1.10/containers/json", label="too old")
    s.http("GET", "/vx.y/containers/json")
    s.http("GET", "/1.41/containers/json")


@scenario
def create_with_bad_bodies(s):
    """Bodies that are missing, empty, not JSON, or of another type."""
    path = "/v1.41/containers/create"
    json_type = {"Content-Type": "application/json"}
    s.http("POST", path, "{bad", json_type, label="bad JSON")
    s.http("POST", path, "", json_type, label="empty body")
    s.http("POST", path, None, json_type, label="no body")
    s.http("POST", path, "{}", json_type)
    s.http("POST", path, {"Image": ""})
    s.http("POST", path, '{"Image":"busybox"}', {"Content-Type": "text/plain"})
    s.http("POST", f"{path}?name={s.name()}", '{"Image":"busybox"} trailing', json_type, label="trailing text")
    s.http("POST", path, "[1,2]", json_type, label="a list")
    s.http("POST", path, '{"Image":3}', json_type, label="a number for the image")
    s.http("POST", path, '{"Image":"busybox","Env":"A=1"}', json_type, label="text for a list")


@scenario
def create_with_bad_values(s):
    """Values that cannot be; nothing is created."""
    path = "/v1.41/containers/create"
    name = s.name()
    s.http("POST", path + "?name=bad/name", {"Image": "busybox"})
    s.http("POST", path + "?name=a", {"Image": "busybox"})
    s.http("POST", path + "?name=-leading", {"Image": "busybox"})
    s.http("POST", f"{path}?name={name}", {"Image": "no-such-image"})
    s.http("POST", f"{path}?name={name}", {"Image": "no-such-image:tag"})
    s.http("POST", f"{path}?name={name}", {"Image": "library/Bad"}, label="reference in capitals")
    s.http("POST", f"{path}?name={name}", {"Image": "busybox", "Env": ["=x"]})
    s.http("POST", f"{path}?name={name}", {"Image": "busybox", "WorkingDir": "relative"})
    s.http(
        "POST",
        f"{path}?name={name}",
        {"Image": "busybox", "HostConfig": {"AutoRemove": True, "RestartPolicy": {"Name": "always"}}},
    )
    s.http("POST", f"{path}?name={name}", {"Image": "busybox", "HostConfig": {"RestartPolicy": {"Name": "bogus"}}})
    s.http(
        "POST",
        f"{path}?name={name}",
        {"Image": "busybox", "HostConfig": {"RestartPolicy": {"Name": "always", "MaximumRetryCount": 3}}},
    )
    s.http("POST", f"{path}?name={name}", {"Image": "busybox", "HostConfig": {"Memory": 1000}})
    s.http("POST", f"{path}?name={name}", {"Image": "busybox", "StopSignal": "BOGUS"})
    s.http("POST", f"{path}?name={name}", {"Image": "busybox", "Healthcheck": {"Test": ["CMD", "true"], "Interval": 1}})
    s.http("GET", f"/v1.41/containers/{name}/json")


@scenario
def requests_for_unknown_containers(s):
    """Every call on a container that does not exist."""
    for method, call in (
        ("GET", "json"),
        ("GET", "logs?stdout=1"),
        ("POST", "start"),
        ("POST", "stop"),
        ("POST", "restart"),
        ("POST", "kill"),
        ("POST", "wait"),
        ("POST", "rename?name=other"),
        ("POST", "resize?h=1&w=1"),
    ):
        s.http(method, f"/v1.41/containers/no-such-container/{call}")
    s.http("DELETE", "/v1.41/containers/no-such-container")
    s.http("DELETE", "/v1.41/containers/no-such-container?force=1")
    s.http("POST", "/v1.41/containers/no-such-container/attach?stdout=1&stream=1")


@scenario
def list_with_bad_values(s):
    """Filters that are not JSON, unknown ones, and a limit that is no number."""
    path = "/v1.41/containers/json"
    s.http("GET", path + "?filters={bad", label="not JSON")
    s.http("GET", path + '?filters={"nosuch":["1"]}')
    s.http("GET", path + '?filters={"status":{"bogus":true}}')
    s.http("GET", path + "?limit=x", label="limit")
    s.http("GET", path + '?filters={"name":["no-such-name"]}')
    s.http("GET", path + '?filters={"name":{"no-such-name":true}}')
    s.fact("no filter at all", s.http("GET", path + "?filters=&limit=1").status)
    del s.steps[-2]


@scenario
def calls_with_bad_values(s):
    """Values that cannot be, on a container that is there."""
    name = s.name()
    s.prepare("create", "--name", name, "busybox", "true")
    base = f"/v1.41/containers/{name}"
    s.http("POST", base + "/start", {"Binds": []})
    s.http("GET", base + "/logs")
    s.http("GET", base + "/logs?stdout=1&since=bogus", label="bad since")
    s.http("POST", base + "/wait?condition=bogus", label="bad condition")
    s.http("POST", base + "/kill?signal=BOGUS", label="bad signal")
    s.http("POST", base + "/kill")
    s.http("POST", base + "/rename")
    s.http("POST", base + f"/rename?name={name}")
    s.http("POST", base + "/rename?name=bad/name")
    s.http("POST", base + "/pause", label="pause")


@scenario
def answers_without_body(s):
    """Codes of start, stop, kill, rename and remove; what is already so is 304."""
    name = s.name()
    s.prepare("create", "--name", name, "busybox", "sh", "-c", "while :; do sleep 0.1; done")
    base = f"/v1.41/containers/{name}"
    s.http("POST", base + "/start")
    s.http("POST", base + "/start")
    s.http("POST", base + "/rename?name=" + s.name("renamed"))
    base = f"/v1.41/containers/{s.name('renamed')}"
    s.http("POST", base + "/kill")
    s.prepare("wait", s.name("renamed"))
    s.http("POST", base + "/stop")
    s.http("DELETE", base)
    s.http("DELETE", base)


@scenario
def images_with_bad_values(s):
    """Unknown images on every call."""
    s.http("GET", "/v1.41/images/no-such-image/json")
    s.http("DELETE", "/v1.41/images/no-such-image")
    s.http("DELETE", "/v1.41/images/no-such-image:tag")
    s.http("POST", f"/v1.41/images/create?fromImage={s.registry}/no/such&tag=x")
    s.http("POST", "/v1.41/images/create?fromImage=UPPER", label="reference in capitals")
    s.http("GET", "/v1.41/images/json?filters={bad", label="not JSON")


@scenario
def errors_are_json(s):
    """The type of an error is exactly application/json, or clients print it raw."""
    s.http("GET", "/v1.41/containers/no-such-container/json", show=("content-type",))
    s.http("POST", "/v1.41/containers/create", {"Image": "no-such-image"}, show=("content-type",))
    s.http("GET", "/v1.41/no/such/path", show=("content-type",))


@scenario
def unversioned_paths(s):
    """A path without a version means the newest."""
    s.http("GET", "/containers/no-such-container/json")
    s.http("GET", '/containers/json?filters={"name":["no-such-name"]}')
    s.http("HEAD", "/_ping", show=("content-type", "ostype"))
