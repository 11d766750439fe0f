#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/container.h"
#include "ecs/settings.h"

namespace sockerless::ecs {

// Throws Error(invalid_argument) that lists the words.
Capacity parse_capacity(std::string_view text);

// How one container's task is run: the daemon's settings, and what the container's labels say
// instead: sockerless.cpu, .memory, .capacity, .task-role, .subnets, .ephemeral-storage, .public-ip
// and .registry-credentials.
struct TaskOptions {
  std::int64_t nano_cpus = 0;  // 0: nothing asked for
  std::int64_t memory = 0;     // bytes
  Capacity capacity = Capacity::on_demand;
  std::string task_role_arn;
  std::vector<std::string> subnets;
  int ephemeral_storage_gib = 0;  // 0: Fargate's 20
  bool public_ip = false;
  std::string registry_secret;  // ARN of what pulls the image; empty: nothing needed
};

// Throws Error(invalid_argument) that names the label whose value cannot be.
TaskOptions task_options(const core::Container& container, const FargateSettings& settings);

}  // namespace sockerless::ecs
