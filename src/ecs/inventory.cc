#include "ecs/inventory.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "ecs/rebuild.h"
#include "ecs/tags.h"

namespace sockerless::ecs {
namespace {

constexpr std::size_t kBatch = 100;  // tasks in one DescribeTasks

Time time_of(const std::optional<double>& seconds) { return seconds ? from_epoch_seconds(*seconds) : Time(); }

}  // namespace

bool Inventory::is_own(const std::vector<aws::Tag>& tags) const {
  return tag_value(tags, kManagedTag) == "true" && tag_value(tags, kInstanceTag) == settings_.instance;
}

// Those that are told to run; ListTasks has no filter by tag.
Awaitable<std::vector<std::string>> Inventory::unknown_tasks(std::set<std::string> known) {
  std::vector<std::string> arns;
  aws::ListTasksRequest request{.cluster = settings_.cluster, .desired_status = "RUNNING"};
  do {
    auto page = co_await ecs_.list_tasks(request);
    std::copy_if(page.task_arns.begin(), page.task_arns.end(), std::back_inserter(arns),
                 [&](const std::string& arn) { return !known.contains(arn); });
    request.next_token = page.next_token;
  } while (!request.next_token.empty());
  co_return arns;
}

Awaitable<std::vector<core::OwnedTask>> Inventory::tasks(std::set<std::string> known) {
  const std::vector<std::string> arns = co_await unknown_tasks(std::move(known));
  std::vector<core::OwnedTask> owned;
  for (std::size_t from = 0; from < arns.size(); from += kBatch) {
    const auto first = arns.begin() + static_cast<std::ptrdiff_t>(from);
    const auto last = arns.begin() + static_cast<std::ptrdiff_t>(std::min(from + kBatch, arns.size()));
    const auto answer =
        co_await ecs_.describe_tasks({.cluster = settings_.cluster, .tasks = {first, last}, .include = {"TAGS"}});
    for (const aws::Task& task : answer.tasks) {
      if (!is_own(task.tags) || task.desired_status == "STOPPED") continue;
      owned.push_back({.task = task.task_arn,
                       .definition = task.task_definition_arn,
                       .container_id = tag_value(task.tags, kContainerIdTag),
                       .launch_id = task.started_by,
                       .created_at = time_of(task.created_at)});
    }
  }
  co_return owned;
}

Awaitable<std::vector<std::string>> Inventory::families() {
  std::vector<std::string> families;
  aws::ListTaskDefinitionFamiliesRequest request{.family_prefix = std::string(kFamilyPrefix), .status = "ACTIVE"};
  do {
    auto page = co_await ecs_.list_task_definition_families(request);
    families.insert(families.end(), page.families.begin(), page.families.end());
    request.next_token = page.next_token;
  } while (!request.next_token.empty());
  co_return families;
}

Awaitable<std::vector<core::OwnedDefinition>> Inventory::definitions(std::vector<std::string> known) {
  std::set<std::string> known_families;
  for (const std::string& id : known) known_families.insert(family_of(id));
  std::vector<core::OwnedDefinition> owned;
  for (const std::string& family : co_await families()) {
    if (known_families.contains(family)) continue;
    auto revisions = co_await revisions_of(family);
    owned.insert(owned.end(), revisions.begin(), revisions.end());
  }
  co_return owned;
}

Awaitable<std::vector<core::OwnedDefinition>> Inventory::revisions_of(std::string family) {
  std::vector<core::OwnedDefinition> owned;
  const auto page =
      co_await ecs_.list_task_definitions({.family_prefix = family, .status = "ACTIVE", .next_token = ""});
  for (const std::string& arn : page.task_definition_arns) {
    const auto answer = co_await ecs_.describe_task_definition({.task_definition = arn, .include = {"TAGS"}});
    if (!is_own(answer.tags)) continue;
    owned.push_back({.definition = arn,
                     .container_id = tag_value(answer.tags, kContainerIdTag),
                     .registered_at = time_of(answer.task_definition.registered_at)});
  }
  co_return owned;
}

Awaitable<std::optional<core::Container>> Inventory::rebuild(core::OwnedTask owned) {
  const auto tasks =
      co_await ecs_.describe_tasks({.cluster = settings_.cluster, .tasks = {owned.task}, .include = {"TAGS"}});
  if (tasks.tasks.empty()) co_return std::nullopt;
  const auto definition = co_await ecs_.describe_task_definition({.task_definition = owned.definition, .include = {}});
  co_return rebuild_container(tasks.tasks.front(), definition.task_definition);
}

}  // namespace sockerless::ecs
