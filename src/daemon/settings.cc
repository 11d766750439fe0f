#include "daemon/settings.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>

#include "aws/shared_config.h"
#include "base/error.h"
#include "base/id.h"
#include "base/log.h"
#include "config/environment.h"
#include "core/binds.h"
#include "daemon/aws_access.h"
#include "daemon/listeners.h"
#include "ecs/resource_names.h"
#include "ecs/task_options.h"

namespace sockerless::daemon {

namespace {

// What `parse` says of the option's value; "" if it takes it.
template <typename Parse>
std::string refusal(const config::OptionBase& option, Parse parse) {
  try {
    parse(option.text());
    return "";
  } catch (const Error& error) {
    return fmt::format("{}: {}\n", option.flag(), error.what());
  }
}

// The endpoints of ~/.aws/config, where no option goes before them.
std::string find_profile_problems(const DaemonOptions& options) {
  if (options.local() || !options.endpoint_url().empty()) return "";
  const auto config = aws::SharedConfig::load(config::environment_variable);
  const std::string profile = aws::profile_name(config::environment_variable);
  std::set<std::string> problems;
  for (const char* service : {"ECS", "CLOUDWATCH_LOGS", "STS", "EC2"}) {
    const std::string url = config.endpoint_url(profile, service);
    try {
      if (!url.empty()) aws::parse_endpoint(url);
    } catch (const Error& error) {
      problems.insert(fmt::format("endpoint_url of the profile {} ({}): {}\n", profile, config.origin(), error.what()));
    }
  }
  return fmt::format("{}", fmt::join(problems, ""));
}

std::string find_endpoint_problems(const DaemonOptions& options) {
  std::string problems;
  for (const config::OptionBase* option : {static_cast<const config::OptionBase*>(&options.endpoint_url),
                                           static_cast<const config::OptionBase*>(&options.endpoint_url_ecs),
                                           static_cast<const config::OptionBase*>(&options.endpoint_url_logs),
                                           static_cast<const config::OptionBase*>(&options.endpoint_url_sts),
                                           static_cast<const config::OptionBase*>(&options.endpoint_url_ec2)}) {
    if (option->text().empty()) continue;
    problems += refusal(*option, aws::parse_endpoint);
    if (options.aws_fips() || options.aws_dual_stack()) {
      problems += fmt::format("{}: cannot be combined with --aws-fips or --aws-dual-stack\n", option->flag());
    }
  }
  return problems + find_profile_problems(options);
}

// Names of AWS's resources that cannot be any; whether the others exist is for AWS to say.
std::string find_name_problems(const DaemonOptions& options) {
  std::string problems;
  const auto check = [&](const config::OptionBase& option, const std::string& value, bool is_possible,
                         std::string_view expected) {
    if (value.empty() || is_possible) return;
    problems += fmt::format("{}: \"{}\" is not {}\n", option.flag(), value, expected);
  };
  const std::string_view partition = aws::partition_of(aws_region(options)).id;
  const std::string role = fmt::format("the ARN of a role (arn:{}:iam::ACCOUNT:role/NAME)", partition);
  check(options.ecs_cluster, options.ecs_cluster(), ecs::can_be_cluster(options.ecs_cluster()),
        "the name or ARN of a cluster");
  for (const std::string& subnet : options.ecs_subnets()) {
    check(options.ecs_subnets, subnet, ecs::can_be_subnet(subnet), "the id of a subnet (subnet-…)");
  }
  for (const std::string& group : options.ecs_security_groups()) {
    check(options.ecs_security_groups, group, ecs::can_be_security_group(group), "the id of a security group (sg-…)");
  }
  for (const auto* option : {&options.ecs_execution_role_arn, &options.ecs_task_role_arn}) {
    check(*option, (*option)(), ecs::can_be_role_arn((*option)(), partition), role);
  }
  check(options.ecs_log_group, options.ecs_log_group(), ecs::can_be_log_group(options.ecs_log_group()),
        "the name of a log group");
  check(options.agent_efs_id, options.agent_efs_id(), ecs::can_be_file_system(options.agent_efs_id()),
        "the id of an EFS file system (fs-…)");
  for (const auto& [host, secret] : options.registry_credentials()) {
    check(options.registry_credentials, secret, ecs::can_be_secret_arn(secret, partition),
          fmt::format("the ARN of a secret (arn:{}:secretsmanager:…) for {}", partition, host));
  }
  return problems;
}

// What an Authorization header can carry (RFC 6750).
bool can_be_token(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char one) {
    return std::isalnum(one) != 0 || std::string_view("-._~+/=").find(static_cast<char>(one)) != std::string_view::npos;
  });
}

}  // namespace

std::string find_problems(const DaemonOptions& options) {
  std::string problems = refusal(options.log_level, parse_log_level) + refusal(options.log_format, parse_log_format) +
                         refusal(options.binds, core::parse_bind_policy) +
                         refusal(options.ecs_capacity, ecs::parse_capacity) + find_endpoint_problems(options);
  const auto note = [&](bool is_wrong, std::string_view text) {
    if (is_wrong) problems += fmt::format("{}\n", text);
  };
  note(options.listen().empty(), "--listen: at least one address is needed");
  problems += find_listener_problems(options);
  note(options.state_dir() == "none" && options.instance().empty(),
       "--instance: needed with --state-dir none, so that the daemon knows its tasks again");
  note(options.local() && options.state_dir() == "none",
       "--state-dir: the local cloud needs a folder for images and tasks");
  note(options.local_agent() != "reverse" && options.local_agent() != "forward",
       "--local-agent: must be reverse or forward");
  note(options.max_tasks() < 0, "--max-tasks: must not be negative");
  note(options.restart_limit() < 0, "--restart-limit: must not be negative");
  note(!can_be_token(options.agent_token().reveal()),
       "--agent-token: must be letters, digits and -._~+/= only, since it travels in a header");
  note(options.agent_user() != "task" && options.agent_user() != "root", "--agent-user: must be task or root");
  note(options.ecs_log_mode() != "blocking" && options.ecs_log_mode() != "non-blocking",
       "--ecs-log-mode: must be blocking or non-blocking");
  if (!options.local()) {
    problems += find_name_problems(options);
    note(options.ecs_subnets().empty(),
         "--ecs-subnets: Fargate tasks need a subnet (or use --local, a Fargate on this machine)");
    note(options.ecs_execution_role_arn().empty(),
         "--ecs-execution-role-arn: Fargate needs the role to pull images and to write logs");
    note(!options.callback_url().empty() && options.callback_listen().empty(),
         "--callback-listen: needed with --callback-url, agents must be answered somewhere");
  }
  if (!problems.empty()) problems.pop_back();
  return problems;
}

std::string state_folder(const DaemonOptions& options) {
  if (!options.state_dir().empty()) return options.state_dir();
  if (::geteuid() == 0) return "/var/lib/sockerless";
  // The one place that is no option: where the user lives.
  return config::environment_variable("HOME").value_or(".") + "/.local/state/sockerless";
}

std::string instance_name(const DaemonOptions& options, const std::string& folder) {
  if (!options.instance().empty()) return options.instance();
  const std::string path = folder + "/instance";
  std::string name;
  if (std::ifstream existing(path); existing >> name) return name;
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  name = random_hex(8);
  std::ofstream made(path);
  made << name << "\n";
  made.close();
  if (!made) {
    throw Error(ErrorKind::unavailable, fmt::format("cannot write {}; choose another folder with --state-dir", path));
  }
  return name;
}

ecs::FargateSettings fargate_settings(const DaemonOptions& options, const std::string& instance) {
  return {
      .region = aws_region(options),
      .cluster = options.ecs_cluster(),
      .subnets = options.ecs_subnets(),
      .security_groups = options.ecs_security_groups(),
      .public_ip = options.ecs_public_ip(),
      .execution_role_arn = options.ecs_execution_role_arn(),
      .task_role_arn = options.ecs_task_role_arn(),
      .log_group = options.ecs_log_group(),
      .log_mode = options.ecs_log_mode(),
      .agent_efs_id = options.agent_efs_id(),
      .agent_image = options.agent_image(),
      .callback_url = options.callback_url(),
      .agent_is_root = options.agent_user() == "root",
      // Whole seconds; a fraction of one is no lease.
      .agent_lease_seconds = static_cast<int>(std::chrono::ceil<std::chrono::seconds>(options.agent_lease()).count()),
      .capacity = ecs::parse_capacity(options.ecs_capacity()),
      .registry_secrets = options.registry_credentials(),
      .instance = instance};
}

docker::DaemonFacts daemon_facts(const std::string& instance) {
  utsname system{};
  ::uname(&system);
  return {.id = instance,
          .host_name = system.nodename,
          .version = SOCKERLESS_VERSION,
          .architecture = std::string_view(system.machine) == "aarch64" ? "arm64" : "amd64",
          .kernel_version = system.release};
}

}  // namespace sockerless::daemon
