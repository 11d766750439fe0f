#!/usr/bin/env python3
"""The IAM policy of the daemon's credentials, made from the calls in src/aws.

Prints a template (Terraform's templatefile and envsubst read it) that lives in deploy/terraform. With --check, says
whether that file is what would be printed.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
POLICY = ROOT / "deploy" / "terraform" / "daemon-policy.json.tftpl"

CALL = re.compile(r'\bk(Ecs|Logs|Ec2),\s*"([A-Z]\w+)"')  # STS's calls need no permission, or are the caller's own
PREFIX = {"Ecs": "ecs", "Logs": "logs", "Ec2": "ec2"}

# What IAM can limit to the cluster or to the log group; everything else knows no resource that is there beforehand.
OF_THE_CLUSTER = {"ecs:RunTask", "ecs:StopTask", "ecs:DescribeTasks", "ecs:ListTasks"}
CLUSTER_ITSELF = {"ecs:DescribeClusters", "ecs:CreateCluster"}
WITHOUT_RESOURCE = {"logs:DescribeLogGroups"}


def actions():
    """Every action that the code may call."""
    found = set()
    for source in sorted((ROOT / "src" / "aws").glob("*.cc")):
        if source.name.endswith("_test.cc"):
            continue
        for service, operation in CALL.findall(source.read_text()):
            found.add(f"{PREFIX[service]}:{operation}")
    return found


def statement(sid, chosen, resource, condition=None):
    result = {"Sid": sid, "Effect": "Allow", "Action": sorted(chosen), "Resource": resource}
    if condition:
        result["Condition"] = condition
    return result


def policy():
    everything = actions()
    logs = {action for action in everything if action.startswith("logs:")} - WITHOUT_RESOURCE
    rest = everything - OF_THE_CLUSTER - CLUSTER_ITSELF - logs
    statements = [
        statement("Tasks", everything & OF_THE_CLUSTER, "*", {"ArnEquals": {"ecs:cluster": "${cluster_arn}"}}),
        statement("Cluster", everything & CLUSTER_ITSELF, "${cluster_arn}"),
        statement("Logs", logs, ["${log_group_arn}", "${log_group_arn}:*"]),
        statement("AccountWide", rest, "*"),
        statement(
            "Roles",
            {"iam:PassRole"},
            ["${execution_role_arn}", "${task_role_arn}"],
            {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2) + "\n"


def main():
    if "--check" not in sys.argv[1:]:
        sys.stdout.write(policy())
        return 0
    if POLICY.exists() and POLICY.read_text() == policy():
        return 0
    name = POLICY.relative_to(ROOT)
    print(f"{name} is not what the calls in src/aws need: tools/iam_policy.py > {name}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
