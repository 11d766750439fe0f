#include "ecs/causes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace sockerless::ecs {
namespace {

constexpr std::string_view kNoWayOut =
    "the task has no way to it: give it a public IP (SOCKERLESS_ECS_PUBLIC_IP) in a public subnet, a NAT gateway, or "
    "VPC endpoints, and let its security group out";

// Longer and more special fragments stand before those that they contain.
constexpr std::array kCauses{
    // Images.
    Cause{"toomanyrequests",
          "the registry's pull limit is reached; mirror the image to ECR, or set "
          "SOCKERLESS_REGISTRY_CREDENTIALS for a registry account"},
    Cause{"pull rate limit", "the registry's pull limit is reached; mirror the image to ECR"},
    Cause{"pull access denied",
          "check the image's name; a private one needs SOCKERLESS_REGISTRY_CREDENTIALS, or in "
          "ECR the execution role's permission to pull"},
    Cause{"no basic auth credentials",
          "a private image needs SOCKERLESS_REGISTRY_CREDENTIALS, or in ECR the execution "
          "role's permission to pull"},
    Cause{"check that the role has the permissions to pull",
          "give the execution role AmazonECSTaskExecutionRolePolicy"},
    Cause{"401 unauthorized", "the registry refuses the credentials; check SOCKERLESS_REGISTRY_CREDENTIALS"},
    Cause{"403 forbidden",
          "the registry forbids the pull; check SOCKERLESS_REGISTRY_CREDENTIALS and the repository's "
          "policy"},
    Cause{"manifest unknown", "the registry has no such tag; check the tag"},
    Cause{"does not contain descriptor matching platform",
          "the image has no variant for the task's architecture; use --platform linux/amd64 or linux/arm64"},
    Cause{"image manifest does not contain",
          "the image has no variant for the task's architecture; use --platform linux/amd64 or linux/arm64"},
    Cause{"exec format error", "the program is for another architecture; use --platform"},
    Cause{"invalid reference format", "the image's name is malformed"},
    Cause{"failed to resolve ref", "check the image's name and tag, and the task's way to the registry"},
    Cause{"httpreaderseeker", "the registry broke off; start the container again"},
    Cause{"no space left on device",
          "the image or the container fills the task's 20 GiB; raise it with the label sockerless.ephemeral-storage"},
    Cause{"failed to extract layer",
          "the image is damaged, or the task's storage too small; the label "
          "sockerless.ephemeral-storage raises it"},
    Cause{"connection issue between the task and", kNoWayOut},
    Cause{"request canceled while waiting for connection", kNoWayOut},
    Cause{"i/o timeout", kNoWayOut},
    Cause{"connection refused", "what the task called is not listening there; check address and security groups"},
    Cause{"no such host", "the task cannot resolve the name; check the VPC's DNS settings"},
    // Secrets and logs, before a container starts.
    Cause{"unable to retrieve secret from asm",
          "let the execution role read the secret (secretsmanager:GetSecretValue, kms:Decrypt), and check its ARN"},
    Cause{"unable to pull secrets or registry auth",
          "check the execution role, and the task's way to ECR and Secrets Manager"},
    Cause{"the specified log group does not exist",
          "create the log group, or let the daemon create it (logs:CreateLogGroup)"},
    Cause{"failed to create cloudwatch log stream",
          "let the execution role write logs (logs:CreateLogStream, logs:PutLogEvents), and check the task's way to "
          "CloudWatch Logs"},
    Cause{"failed to validate logger args", "check the log group and the task's way to CloudWatch Logs"},
    // Volumes.
    Cause{"failed to invoke efs utils",
          "the file system must have a mount target in the task's zone whose security group lets port 2049 in"},
    Cause{"cannotcreatevolumeerror", "check the file system and its access point"},
    Cause{"timeout waiting for ephemeralstorage", "AWS's own trouble; start the container again"},
    // Room.
    Cause{"capacity is unavailable",
          "try again later, add subnets in other zones (SOCKERLESS_ECS_SUBNETS), or use SOCKERLESS_ECS_CAPACITY"},
    Cause{"limit on the number of vcpus",
          "ask AWS to raise the Fargate vCPU quota of this region (L-3032A538, Spot L-36FBB829), or stop other tasks"},
    Cause{"limit on the number of tasks", "ask AWS to raise the Fargate quota of this region, or stop other tasks"},
    Cause{"account is currently blocked", "AWS has blocked Fargate for this account; ask AWS support"},
    Cause{"insufficientfreeaddresses", "the subnet has no free addresses; add another (SOCKERLESS_ECS_SUBNETS)"},
    Cause{"not enough free ip", "the subnet has no free addresses; add another (SOCKERLESS_ECS_SUBNETS)"},
    Cause{"resource:eni", "no network interface is free; stop other tasks or add a subnet"},
    Cause{"resource:cpu", "the cluster has no room; Fargate tasks need no instances, so check the capacity providers"},
    Cause{"resource:memory",
          "the cluster has no room; Fargate tasks need no instances, so check the capacity providers"},
    Cause{"timeout waiting for network interface", "AWS's own trouble; start the container again"},
    Cause{"unexpected eni", "the network interface could not be made; check the subnet's free addresses"},
    // Roles.
    Cause{"unable to assume the role",
          "let ecs-tasks.amazonaws.com assume the role (its trust policy); a role that is new needs a minute"},
    Cause{"iam:passrole", "let the daemon's credentials pass the execution and task roles (iam:PassRole)"},
    Cause{"is not authorized to perform", "allow the action in the IAM policy of whom the text names"},
    Cause{"unable to verify service linked role",
          "let the daemon create it once: aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com"},
    // The network that the options name.
    Cause{"subnet id", "check SOCKERLESS_ECS_SUBNETS: each must exist in this region"},
    Cause{"subnets can not be empty", "set SOCKERLESS_ECS_SUBNETS"},
    Cause{"network configuration must be provided", "set SOCKERLESS_ECS_SUBNETS"},
    Cause{"security group", "check SOCKERLESS_ECS_SECURITY_GROUPS: each must exist in the subnets' VPC"},
    // The cluster.
    Cause{"cluster not found", "create the cluster or name another with SOCKERLESS_ECS_CLUSTER"},
    Cause{"cluster is not active", "the cluster is being deleted; name another with SOCKERLESS_ECS_CLUSTER"},
    Cause{"capacity provider was not found", "add FARGATE_SPOT to the cluster: aws ecs put-cluster-capacity-providers"},
    Cause{"platform version", "Fargate's platform version 1.4.0 or newer is needed"},
    // Definitions.
    Cause{"no fargate configuration exists", "choose another pair of --cpus and --memory"},
    Cause{"invalid 'cpu' setting", "choose another --cpus"},
    Cause{"ephemeralstorage size should be", "the label sockerless.ephemeral-storage takes 21 to 200 GiB"},
    Cause{"container overrides length must be", "the launch's settings are too long; report this"},
    Cause{"is not allowed on fargate", "Fargate adds no capability but SYS_PTRACE"},
    Cause{"too many tags", "a task has at most 50 tags"},
    Cause{"size of the task definition", "environment, labels and command are together limited to 64 KiB"},
    // The process.
    Cause{"outofmemory", "give the container more memory with --memory"},
    Cause{"sockerless-agent\": no such file",
          "the agent is not in the task: set SOCKERLESS_AGENT_IMAGE or SOCKERLESS_AGENT_EFS_ID"},
    Cause{"sockerless-agent: no such file",
          "the agent is not in the task: set SOCKERLESS_AGENT_IMAGE or SOCKERLESS_AGENT_EFS_ID"},
    Cause{"containerruntimetimeouterror", "the container took too long to start; start it again"},
    Cause{"cannotinspectcontainererror", "AWS's own trouble; start the container again"},
    Cause{"cannotstopcontainererror", "AWS's own trouble; the task ends by itself"},
    // The machine below.
    Cause{"spot task was interrupted",
          "AWS took the Spot capacity back; start the container again, or use "
          "SOCKERLESS_ECS_CAPACITY=on-demand"},
    Cause{"spot interruption", "AWS took the Spot capacity back; start the container again"},
    Cause{"performing maintenance on the underlying infrastructure",
          "AWS renews the machine below; start the container again"},
    Cause{"infrastructure pending retirement", "AWS renews the machine below; start the container again"},
    Cause{"container health checks", "the image's health check failed"},
    Cause{"internalerror", "AWS's own trouble; start the container again"},
    Cause{"unexpected error occurred", "AWS's own trouble; start the container again"},
    // After all that is more special.
    Cause{": not found", "the registry has no such image or tag; check the name"},
};

std::string lowered(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

}  // namespace

const Cause* find_cause(std::string_view text) {
  const std::string lower = lowered(text);
  for (const Cause& cause : kCauses) {
    if (lower.find(cause.fragment) != std::string::npos) return &cause;
  }
  return nullptr;
}

std::string with_remedy(const std::string& text) {
  const Cause* cause = find_cause(text);
  return cause == nullptr ? text : fmt::format("{} ({})", text, cause->remedy);
}

std::size_t known_causes() { return kCauses.size(); }

bool is_lack_of_capacity(std::string_view text) {
  const std::string lower = lowered(text);
  return lower.find("capacity is unavailable") != std::string::npos ||
         lower.find("limit on the number of") != std::string::npos;
}

}  // namespace sockerless::ecs
