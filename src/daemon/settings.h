#pragma once

#include <string>

#include "daemon/options.h"
#include "docker/api.h"
#include "ecs/settings.h"

namespace sockerless::daemon {

// All that is wrong with the options, one a line; "" if nothing is. `with_local_cloud`: what the
// local cloud provides need not be given.
std::string find_problems(const DaemonOptions& options);

// The folder that --state-dir means; "none" stays "none".
std::string state_folder(const DaemonOptions& options);

// --instance, or the name that is kept in the state folder and made on the first start.
std::string instance_name(const DaemonOptions& options, const std::string& folder);

ecs::FargateSettings fargate_settings(const DaemonOptions& options, const std::string& instance);

docker::DaemonFacts daemon_facts(const std::string& instance);

}  // namespace sockerless::daemon
