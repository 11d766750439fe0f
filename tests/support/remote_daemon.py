"""sockerlessd against an AWS endpoint that the test provides: no local cloud of its own."""

from support.cloud import EFS_ID
from support.daemon import Sockerlessd
from support.paths import program
from support.processes import free_port


def callback_options(cloud):
    """The options with which the agents of the cloud's tasks dial the daemon, and find it again after a restart."""
    return ["--callback-listen", f"{cloud.gateway}:{free_port()}"]


class RemoteSockerlessd(Sockerlessd):
    """Like a daemon on AWS: everything that it needs is in its environment."""

    def __init__(self, endpoint, registry=None, environment=None, options=(), start=True):
        settings = {
            "SOCKERLESS_ENDPOINT_URL": endpoint,
            "SOCKERLESS_ECS_CLUSTER": "default",
            "SOCKERLESS_ECS_SUBNETS": "subnet-local",
            "SOCKERLESS_ECS_EXECUTION_ROLE_ARN": "arn:aws:iam::000000000000:role/execution",
            "SOCKERLESS_AGENT_EFS_ID": EFS_ID,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_EC2_METADATA_DISABLED": "true",
            **(environment or {}),
        }
        self._settings = {name: value for name, value in settings.items() if value != ""}
        super().__init__(registry, options=options, environment=self._settings, start=start)

    def forget_environment(self, name):
        """The next start is without the variable."""
        self._settings.pop(name, None)
        self._environment.pop(name, None)

    def environment_of_aws(self):
        """The variables that say where AWS is, for another program beside this daemon."""
        return dict(self._settings)

    def command(self):
        command = [program("sockerlessd"), "--listen", ",".join(self._listen), "--state-dir", self.state]
        if self._registry:
            command += ["--registry-mirror", f"docker.io={self._registry.url}"]
        return command + self._options
