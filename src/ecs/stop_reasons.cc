#include "ecs/stop_reasons.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "ecs/settings.h"

namespace sockerless::ecs {
namespace {

struct Cause {
  std::string_view fragment;  // in lower case; the first that occurs counts
  std::string_view remedy;
};

// Fragments of the texts that AWS documents under "Stopped tasks error codes".
constexpr std::array kCauses{
    Cause{"pull access denied", "check the image's name, and that the execution role may read it"},
    Cause{"manifest unknown", "the registry has no such tag"},
    Cause{": not found", "the registry has no such image or tag"},
    Cause{"toomanyrequests", "the registry's pull limit is reached; mirror the image to ECR"},
    Cause{"does not contain descriptor matching platform",
          "the image has no variant for the task's architecture; use --platform"},
    Cause{"no space left on device", "the task needs more ephemeral storage"},
    Cause{"i/o timeout", "the task cannot reach the registry; check subnets, NAT and public IP"},
    Cause{"request canceled while waiting for connection",
          "the task cannot reach the registry; check subnets, NAT and public IP"},
    Cause{"the specified log group does not exist",
          "create the log group, or let the daemon create it (logs:CreateLogGroup)"},
    Cause{"unable to pull secrets or registry auth",
          "check the execution role and the task's way to ECR and Secrets Manager"},
    Cause{"failed to invoke efs utils", "check the file system's mount targets and security groups"},
    Cause{"capacity is unavailable", "try again later or add subnets in other zones"},
    Cause{"reached the limit on the number of vcpus",
          "ask AWS to raise the Fargate vCPU quota of this region, or stop other tasks"},
    Cause{"insufficientfreeaddresses", "the subnet has no free addresses; add another subnet"},
    Cause{"timeout waiting for network interface", "try again; check the subnet's free addresses"},
    Cause{"unable to assume the role", "check the role's trust relationship"},
    Cause{"spot task was interrupted", "start the container again"},
    Cause{"outofmemory", "give the container more memory with --memory"},
    Cause{"sockerless-agent\": no such file",
          "the agent is not in the task: set "
          "SOCKERLESS_AGENT_IMAGE or SOCKERLESS_AGENT_EFS_ID"},
};

constexpr std::string_view kRuntimeSays = "CannotStartContainerError: Error response from daemon: ";

std::string with_remedy(const std::string& reason) {
  std::string lower = reason;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const Cause& cause : kCauses) {
    if (lower.find(cause.fragment) != std::string::npos) {
      return fmt::format("{} ({})", reason, cause.remedy);
    }
  }
  return reason;
}

}  // namespace

std::string explain_stop(const aws::Task& task) {
  std::string reason = task.stopped_reason;
  const aws::TaskContainer* main = task.find_container(kMainContainer);
  if (main != nullptr && !main->reason.empty() && reason.find(main->reason) == std::string::npos) {
    reason += reason.empty() ? main->reason : ": " + main->reason;
  }
  if (reason.empty()) reason = "the task stopped without a reason";
  // What the container runtime said is the sentence that Docker's clients know.
  const auto runtime = reason.find(kRuntimeSays);
  if (runtime != std::string::npos) reason.erase(0, runtime + kRuntimeSays.size());
  return with_remedy(reason);
}

std::string explain_failure(const aws::Failure& failure) {
  std::string reason = failure.reason;
  if (!failure.detail.empty()) reason += ": " + failure.detail;
  return with_remedy("ECS could not run the task: " + reason);
}

bool ran_out_of_memory(const aws::Task& task) {
  const aws::TaskContainer* main = task.find_container(kMainContainer);
  if (main == nullptr) return false;
  std::string lower = main->reason;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower.find("outofmemory") != std::string::npos;
}

}  // namespace sockerless::ecs
