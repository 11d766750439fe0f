#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aws/ecs.h"
#include "core/inventory.h"
#include "ecs/settings.h"

namespace sockerless::ecs {

// What ECS holds under the tag of this daemon's instance. Lives on the daemon's loop; the client
// outlives it.
class Inventory final : public core::Inventory {
 public:
  Inventory(aws::Client& client, FargateSettings settings) : ecs_(client), settings_(std::move(settings)) {}

  Awaitable<std::vector<core::OwnedTask>> tasks(std::set<std::string> known) override;
  Awaitable<std::vector<core::OwnedDefinition>> definitions(std::vector<std::string> known) override;
  Awaitable<std::optional<core::Container>> rebuild(core::OwnedTask task) override;

 private:
  Awaitable<std::vector<std::string>> unknown_tasks(std::set<std::string> known);
  Awaitable<std::vector<std::string>> families();
  Awaitable<std::vector<core::OwnedDefinition>> revisions_of(std::string family);
  bool is_own(const std::vector<aws::Tag>& tags) const;

  aws::Ecs ecs_;
  FargateSettings settings_;
};

}  // namespace sockerless::ecs
