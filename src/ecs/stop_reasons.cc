#include "ecs/stop_reasons.h"

#include <fmt/format.h>

#include <algorithm>

#include "ecs/causes.h"
#include "ecs/settings.h"

namespace sockerless::ecs {
namespace {

constexpr std::string_view kRuntimeSays = "CannotStartContainerError: Error response from daemon: ";

// What only the code says, where the texts leave it open.
std::string_view remedy_by_code(std::string_view stop_code) {
  if (stop_code == "SpotInterruption" || stop_code == "TerminationNotice") {
    return "AWS took the Spot capacity back; start the container again";
  }
  if (stop_code == "InfrastructureHealth") return "the machine below failed; start the container again";
  return "";
}

}  // namespace

std::string explain_stop(const aws::Task& task) {
  std::string reason = task.stopped_reason;
  // The main container's first: where it never ran, that which it waited for knows why.
  for (const std::string_view name : {kMainContainer, kAgentInstaller}) {
    const aws::TaskContainer* container = task.find_container(name);
    if (container == nullptr || container->reason.empty()) continue;
    if (reason.find(container->reason) == std::string::npos) {
      reason += reason.empty() ? container->reason : ": " + container->reason;
    }
  }
  if (reason.empty()) reason = "the task stopped without a reason";
  // What the container runtime said is the sentence that Docker's clients know.
  const auto runtime = reason.find(kRuntimeSays);
  if (runtime != std::string::npos) reason.erase(0, runtime + kRuntimeSays.size());
  const std::string_view by_code = remedy_by_code(task.stop_code);
  if (find_cause(reason) == nullptr && !by_code.empty()) return fmt::format("{} ({})", reason, by_code);
  return with_remedy(reason);
}

std::string explain_failure(const aws::Failure& failure) {
  std::string reason = failure.reason;
  if (!failure.detail.empty()) reason += ": " + failure.detail;
  return with_remedy("ECS could not run the task: " + reason);
}

Error explain_refusal(const aws::ApiError& error) {
  return {error.kind(), error.has_remedy() ? error.what() : with_remedy(error.what())};
}

bool ran_out_of_memory(const aws::Task& task) {
  const aws::TaskContainer* main = task.find_container(kMainContainer);
  if (main == nullptr) return false;
  std::string lower = main->reason;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower.find("outofmemory") != std::string::npos;
}

}  // namespace sockerless::ecs
