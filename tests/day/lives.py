"""What a client does with one container, from its creation to its removal, and what must come of it."""

import re

from support.raw_http import hijack, request, stdcopy_frames

IMAGE = "busybox:latest"
UNPULLABLE = "127.0.0.1:1/no/such:image"
FOREVER = ["sleep", "83746192"]
UNTIL_TOLD = ["sh", "-c", "trap 'exit 9' TERM; while :; do sleep 0.1; done"]
SECONDS = 200  # that an answer may take: launches are delayed by up to a minute
ATTEMPTS = 40  # until something that AWS refuses for now must have succeeded

# How an error says what went wrong; a refusal without one of these is unexplained. The first is for the first column
# of the summary.
CAUSES = {
    "throttled": r"AWS throttles this account: .*try again later",
    "5xx": r"(ServerException|ServiceUnavailableException): .*request id",
    "no answer": r"no answer from (ECS|Logs|CloudWatch Logs): .*check the network",
    "no capacity": r"Capacity is unavailable.*try again later",
    "client-side quota": r"would have to wait .* for AWS's rate quota",
    "refused by AWS": r"(ClientException|InvalidParameterException|BlockedException|ClusterNotFoundException|"
    r"AccessDeniedException|PlatformUnknownException): .*[(;]",
    "image": r"CannotPullContainerError.*no/such.*\(",
    "command": r"exec: .*no-such-command.*not found",
    "Spot": r"Spot.*start the container again",
}
FOR_NOW = {"throttled", "5xx", "no answer", "no capacity", "client-side quota", "refused by AWS"}


class Wrong(Exception):
    """Something that must not be, as a sentence."""


def cause_of(message):
    """The name of a cause that the message states; None if it explains nothing."""
    return next((name for name, pattern in CAUSES.items() if re.search(pattern, message, re.DOTALL)), None)


class Life:
    """One container's. `day` counts operations and refusals, `name` is the container's."""

    def __init__(self, day, name):
        self.day, self.name = day, name

    def ask(self, method, path, body=None):
        """The reply to a request, whatever it says."""
        reply = request(self.day.address, method, f"/v1.44{path}", body=body, timeout=SECONDS)
        self.day.count("operations")
        return reply

    def must(self, method, path, body=None, allowed=()):
        """Asks until it succeeds; every refusal on the way must say why, and be one that may pass."""
        for _ in range(ATTEMPTS):
            reply = self.ask(method, path, body)
            if reply.status < 400 or reply.status in allowed:
                return reply
            if self.explained(method, path, reply) not in FOR_NOW:
                raise Wrong(f"{self.name}: {method} {path}: {reply.status} {reply.text()}")
        raise Wrong(f"{self.name}: {method} {path} failed {ATTEMPTS} times, at last with {reply.text()}")

    def explained(self, method, path, reply):
        """Counts a refusal; None if its message explains nothing."""
        try:
            message = reply.json().get("message", "")
        except ValueError:
            message = ""
        cause = cause_of(message)
        self.day.count_refusal(cause or "unexplained")
        if cause is None:
            self.day.note(f"{self.name}: unexplained: {method} {path}: {reply.status} {reply.text()!r}")
        return cause

    def state(self):
        return self.must("GET", f"/containers/{self.name}/json").json()["State"]

    def expect(self, status, exit_code):
        """The state must be this one now."""
        state = self.state()
        if (state["Status"], state["ExitCode"]) != (status, exit_code):
            raise Wrong(f"{self.name}: {state} instead of {status} with {exit_code}")
        return state

    def create(self, command, image=IMAGE, **more):
        self.must("POST", f"/containers/create?name={self.name}", {"Image": image, "Cmd": command, **more})

    def start(self):
        """Starts it; while AWS refuses, the container must be as it was before."""
        for _ in range(ATTEMPTS):
            reply = self.ask("POST", f"/containers/{self.name}/start")
            if reply.status in (204, 304):
                return
            if self.explained("POST", "start", reply) not in FOR_NOW:
                raise Wrong(f"{self.name}: start: {reply.status} {reply.text()}")
            if self.state()["Running"]:
                raise Wrong(f"{self.name}: start failed with {reply.text()}, and it runs")
        raise Wrong(f"{self.name}: not started in {ATTEMPTS} times, at last: {reply.text()}")

    def wait(self):
        return self.must("POST", f"/containers/{self.name}/wait").json()["StatusCode"]

    def remove(self):
        self.must("DELETE", f"/containers/{self.name}?force=1")
        gone = self.ask("GET", f"/containers/{self.name}/json")
        if gone.status != 404:
            raise Wrong(f"{self.name}: removed and still there: {gone.text()}")

    def run_inside(self, text):
        """An exec whose output and exit code must be what they are."""
        command = ["sh", "-c", f"echo {text}; echo {text} >&2; exit 7"]
        body = {"Cmd": command, "AttachStdout": True, "AttachStderr": True}
        exec_id = self.must("POST", f"/containers/{self.name}/exec", body).json()["Id"]
        path = f"/v1.44/exec/{exec_id}/start"
        with hijack(self.day.address, path, {"Detach": False, "Tty": False}, timeout=SECONDS) as stream:
            if stream.status != 101:
                raise Wrong(f"{self.name}: exec: {stream.head!r} {stream.read_all()!r}")
            output = stdcopy_frames(stream.read_all())
        self.day.count("execs")
        line = f"{text}\n".encode()
        code = self.must("GET", f"/exec/{exec_id}/json").json()["ExitCode"]
        if sorted(output) != [(1, line), (2, line)] or code != 7:
            raise Wrong(f"{self.name}: exec gave {output}, exit code {code}")

    def logs(self):
        """The lines of its log."""
        reply = self.must("GET", f"/containers/{self.name}/logs?stdout=1&stderr=1")
        return [part for _, payload in stdcopy_frames(reply.body) for part in payload.decode().splitlines()]


def ends_by_itself(life):
    code = sum(life.name.encode()) % 100 + 1
    lines = [f"{life.name} {number}" for number in range(20)]
    life.create(["sh", "-c", f"for n in $(seq 0 19); do echo {life.name} $n; done; exit {code}"])
    life.start()
    if (got := life.wait()) != code:
        raise Wrong(f"{life.name}: exit code {got} instead of {code}: {life.state()}")
    life.expect("exited", code)
    if (shown := life.logs()) != lines:
        raise Wrong(f"{life.name}: the log has {shown}")
    life.remove()


def exec_and_stop(life):
    life.create(FOREVER)
    life.start()
    life.run_inside(life.name)
    life.run_inside(f"{life.name}-again")
    life.must("POST", f"/containers/{life.name}/stop?t=1")
    life.expect("exited", 0)
    life.remove()


def exec_and_kill(life):
    life.create(FOREVER)
    life.start()
    life.run_inside(life.name)
    life.must("POST", f"/containers/{life.name}/kill", allowed=(409,))  # an earlier one may have been carried out
    if (code := life.wait()) != 137:
        raise Wrong(f"{life.name}: killed, exit code {code}: {life.state()}")
    life.expect("exited", 137)
    life.remove()


def removed_while_it_runs(life):
    life.create(FOREVER)
    life.start()
    life.remove()


def removes_itself(life):
    life.create(["sh", "-c", "exit 5"], HostConfig={"AutoRemove": True})
    for _ in range(ATTEMPTS):
        reply = life.ask("POST", f"/containers/{life.name}/start")
        if reply.status == 204:
            break
        # As on Docker, a start that fails is the end of a container that removes itself.
        if life.explained("POST", "start", reply) not in FOR_NOW:
            raise Wrong(f"{life.name}: start: {reply.status} {reply.text()}")
        life.must("POST", f"/containers/{life.name}/wait?condition=removed", allowed=(404,))
        life.create(["sh", "-c", "exit 5"], HostConfig={"AutoRemove": True})
    life.must("POST", f"/containers/{life.name}/wait?condition=removed", allowed=(404,))
    if life.ask("GET", f"/containers/{life.name}/json").status != 404:
        raise Wrong(f"{life.name}: is still there")


def restarts(life):
    life.create(FOREVER)
    life.start()
    reply = life.ask("POST", f"/containers/{life.name}/restart?t=1")
    if reply.status != 204 and life.explained("POST", "restart", reply) not in FOR_NOW:
        raise Wrong(f"{life.name}: restart: {reply.status} {reply.text()}")
    if not life.state()["Running"]:
        life.start()
    life.run_inside(life.name)
    life.remove()


def fails_for_good(life, image, command, cause):
    """A start that never succeeds says why, and leaves the container as it was created."""
    life.create(command, image=image)
    for _ in range(ATTEMPTS):
        reply = life.ask("POST", f"/containers/{life.name}/start")
        if reply.status < 400:
            # It took longer than start waits: the outcome is in the state.
            life.wait()
            got = cause_of(life.state()["Error"])
        else:
            got = life.explained("POST", "start", reply)
        if got == cause:
            break
        if got not in FOR_NOW:
            raise Wrong(f"{life.name}: start: {reply.status} {reply.text()}, {life.state()}")
    else:
        raise Wrong(f"{life.name}: never failed for its own reason, at last: {reply.text()}")
    if life.state()["Running"]:
        raise Wrong(f"{life.name}: failed and runs")
    life.remove()


def has_no_image(life):
    fails_for_good(life, UNPULLABLE, ["true"], "image")


def has_no_command(life):
    fails_for_good(life, IMAGE, ["no-such-command"], "command")


def is_interrupted(life):
    """AWS takes its Spot capacity back: the process is asked to end, and its exit code counts."""
    life.create(UNTIL_TOLD, Labels={"sockerless.capacity": "spot"})
    life.start()
    life.run_inside(life.name)
    life.day.interrupt(life.name)
    if (code := life.wait()) != 9:
        raise Wrong(f"{life.name}: interrupted, exit code {code}: {life.state()}")
    life.expect("exited", 9)
    life.remove()


def loses_its_agent(life):
    """The first process of the task is killed from outside."""
    life.create(FOREVER)
    life.start()
    life.run_inside(life.name)
    life.day.kill_agent(life.name)
    if (code := life.wait()) != 137:
        raise Wrong(f"{life.name}: agent killed, exit code {code}: {life.state()}")
    life.remove()


# How many of a hundred containers live which life.
SHARES = (
    (ends_by_itself, 28),
    (exec_and_stop, 26),
    (exec_and_kill, 12),
    (removed_while_it_runs, 8),
    (removes_itself, 8),
    (restarts, 5),
    (is_interrupted, 4),
    (loses_its_agent, 3),
    (has_no_image, 3),
    (has_no_command, 3),
)


def kinds(count, random):
    """The lives of a day, in random order; every kind is there if there are as many containers as kinds."""
    chosen = [kind for kind, _ in SHARES][:count]
    chosen += random.choices(
        [kind for kind, _ in SHARES], [share for _, share in SHARES], k=count - len(chosen)
    )
    random.shuffle(chosen)
    return chosen
