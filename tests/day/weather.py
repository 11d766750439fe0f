"""What AWS does to the daemon during a scripted day: every fault of the local cloud, some of them changing."""

import threading
from random import Random

OPERATIONS = (
    "CreateLogGroup",
    "RegisterTaskDefinition",
    "DeregisterTaskDefinition",
    "ListTaskDefinitions",
    "RunTask",
    "StopTask",
    "DescribeTasks",
    "ListTasks",
    "TagResource",
    "GetLogEvents",
)
# As AWS says it, and as it hides it.
THROTTLINGS = (
    ("ThrottlingException", "Rate exceeded"),
    ("ClientException", "Too many concurrent attempts to create a new revision of the specified family."),
)
THROTTLED = 0.3  # of all calls, half of them in each way
FAILING = 0.1
DROPPED = 0.02  # before, and as many after they have been carried out
WITHOUT_ROOM = 0.03  # of RunTask
MISSING_AT_FIRST = 2  # looks at a new task
MOST_SKEW_MS = 20 * 60 * 1000
MOST_LAG_MS = 5000
PAUSE = (1.0, 4.0)  # seconds between two changes

# What RunTask says instead, in AWS's words, now and then.
REFUSALS = (
    ("InvalidParameterException", "No Fargate configuration exists for given values."),
    ("ClientException", "ECS was unable to assume the role 'arn:aws:iam::1:role/x' that was provided for this task."),
    ("ClientException", "You've reached the limit on the number of vCPUs you can run concurrently"),
    ("ClientException", "Error retrieving subnet information for [subnet-1]: The subnet ID does not exist"),
    ("ClientException", "Unexpected EC2 error: InsufficientFreeAddressesInSubnet"),
    ("AccessDeniedException", "User: arn:aws:iam::1:user/u is not authorized to perform: ecs:RunTask on resource: arn"),
    ("BlockedException", "Your account is currently blocked. Please contact AWS Support."),
    ("PlatformUnknownException", "The specified platform version does not exist."),
    ("ClusterNotFoundException", "Cluster not found."),
)
REFUSED = 0.01  # of RunTask, with each of them


def faults(mean_launch_ms, most_launch_ms):
    """The members of the admin API that hold for the whole day."""
    errors = [
        {"operation": name, "code": code, "message": message, "rate": THROTTLED / 2}
        for name in OPERATIONS
        for code, message in THROTTLINGS
    ]
    errors += [
        {"operation": "RunTask", "code": code, "message": message, "rate": REFUSED} for code, message in REFUSALS
    ]
    return {
        "errors": errors,
        "serverErrors": {"rate": FAILING},
        "droppedRequests": {"rate": DROPPED},
        "droppedAnswers": {"rate": DROPPED},
        "capacity": {"rate": WITHOUT_ROOM},
        "describesToMiss": MISSING_AT_FIRST,
        "launchDelay": {"distribution": "exponential", "meanMs": mean_launch_ms, "maxMs": most_launch_ms},
    }


class Weather:
    """Changes the clock's skew and the log's lag now and then, until `stop`; then nothing goes wrong any more."""

    def __init__(self, admin, seed, most_lag_ms=MOST_LAG_MS, pause=PAUSE):
        self.changes = 0
        self._admin, self._random, self._most_lag, self._pause = admin, Random(seed), most_lag_ms, pause
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, name="weather")
        self._thread.start()

    def stop(self):
        self._ending.set()
        self._thread.join(60)
        self._admin.reset()

    def _work(self):
        while not self._ending.wait(self._random.uniform(*self._pause)):
            self.changes += 1
            if self._random.random() < 0.5:
                self._admin.change(clockSkewMs=self._random.choice((-MOST_SKEW_MS, 0, MOST_SKEW_MS)))
            else:
                self._admin.change(logLagMs=self._random.randint(0, self._most_lag))
