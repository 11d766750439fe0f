#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sockerless::ecs {

// What tasks run on. Spot with a fallback is on demand where Spot has no room.
enum class Capacity { on_demand, spot, spot_fallback };

// Where and how tasks are run; fixed for the daemon's life.
struct FargateSettings {
  std::string region;
  std::string cluster;
  std::vector<std::string> subnets;
  std::vector<std::string> security_groups;
  bool public_ip = false;
  std::string execution_role_arn;
  std::string task_role_arn;
  std::string log_group;
  std::string log_mode = "blocking";  // of awslogs; Fargate's own default loses lines
  std::string agent_efs_id;           // file system that holds the agent
  std::string agent_image;            // image that installs it, if there is no file system
  std::string callback_url;           // not empty: agents call the daemon
  bool agent_is_root = false;         // and becomes the container's user for what it runs
  int agent_lease_seconds = 0;        // without a daemon, after which an agent ends its command; 0: never
  Capacity capacity = Capacity::on_demand;
  std::map<std::string, std::string> registry_secrets;  // ARNs, by the registry's host
  std::string instance;                                 // says whose the tasks are
};

inline constexpr std::string_view kMainContainer = "main";
inline constexpr std::string_view kAgentInstaller = "sockerless-agent";

}  // namespace sockerless::ecs
