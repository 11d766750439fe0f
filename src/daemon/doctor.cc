#include "daemon/doctor.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <set>
#include <sstream>

#include "aws/ec2.h"
#include "aws/ecs.h"
#include "aws/logs.h"
#include "aws/sts.h"
#include "base/error.h"
#include "daemon/aws_access.h"
#include "daemon/run_command.h"
#include "daemon/settings.h"

namespace sockerless::daemon {
namespace {

enum class Verdict { good, doubtful, bad };

class Doctor {
 public:
  Doctor(asio::io_context& loop, const DaemonOptions& options)
      : options_(options),
        clock_(loop.get_executor()),
        access_(loop.get_executor(), clock_, options, ""),
        ecs_(access_.client()),
        logs_(access_.client()),
        ec2_(access_.client()),
        sts_(access_.client()) {}

  Awaitable<int> run() {
    check_options();
    check_sockets();
    check_agent();
    co_await check_callback();
    if (!co_await check_credentials()) co_return finish();  // everything below would say the same
    check_role("execution role", options_.ecs_execution_role_arn());
    if (!options_.ecs_task_role_arn().empty()) check_role("task role", options_.ecs_task_role_arn());
    co_await check_cluster();
    for (const std::string& subnet : options_.ecs_subnets()) co_await check_subnet(subnet);
    if (vpcs_.size() > 1) say(Verdict::bad, "subnets", "they are of several VPCs; name subnets of one");
    co_await check_log_group();
    co_return finish();
  }

 private:
  void say(Verdict verdict, std::string_view what, std::string_view text) {
    constexpr const char* kWords[] = {"ok  ", "warn", "FAIL"};
    std::printf("%s  %s: %s\n", kWords[static_cast<int>(verdict)], std::string(what).c_str(),
                std::string(text).c_str());
    if (verdict == Verdict::bad) ++failures_;
  }

  // What may not be looked at may be in order all the same.
  void say_refused(std::string_view what, const Error& error) {
    say(error.kind() == ErrorKind::forbidden ? Verdict::doubtful : Verdict::bad, what, error.what());
  }

  int finish() const {
    std::printf("%s\n", failures_ == 0 ? "containers should start" : "containers will not start before this is done");
    return failures_ == 0 ? 0 : 1;
  }

  void check_options() {
    std::istringstream problems(find_problems(options_));
    const int before = failures_;
    for (std::string line; std::getline(problems, line);) say(Verdict::bad, "options", line);
    if (failures_ == before) say(Verdict::good, "options", "complete; region " + aws_region(options_));
  }

  void check_sockets() {
    for (const std::string& address : options_.listen()) {
      if (!address.starts_with("unix://")) continue;
      const std::string folder = std::filesystem::path(address.substr(7)).parent_path();
      if (::access(folder.c_str(), W_OK) == 0) {
        say(Verdict::good, "docker socket", address);
      } else {
        say(Verdict::bad, "docker socket",
            fmt::format("{} cannot be written to; run as root or choose another with --listen", folder));
      }
    }
  }

  void check_agent() {
    if (!options_.agent_efs_id().empty()) {
      say(Verdict::good, "agent", fmt::format("from the file system {}", options_.agent_efs_id()));
    } else if (!options_.agent_image().empty()) {
      say(Verdict::good, "agent", fmt::format("installed by {}", options_.agent_image()));
    } else {
      say(Verdict::doubtful, "agent",
          "every image must contain /sockerless/bin/sockerless-agent; set SOCKERLESS_AGENT_IMAGE for others");
    }
  }

  // Whoever answers is good enough: the daemon need not run, but a proxy or a name that is not there shows.
  Awaitable<void> check_callback() {
    if (options_.callback_url().empty()) {
      say(Verdict::good, "callback",
          "none: the daemon dials the tasks on port 9111, unencrypted; let only it in there");
      co_return;
    }
    std::string url = options_.callback_url();
    if (url.starts_with("ws")) url.replace(0, 2, "http");
    try {
      const auto answer = co_await access_.http().send({.url = url, .total_time = std::chrono::seconds(10)});
      say(Verdict::good, "callback", fmt::format("{} answers (HTTP {})", url, answer.status));
    } catch (const Error& error) {
      say(Verdict::doubtful, "callback",
          fmt::format("{}; as long as the daemon does not run that is expected, else tasks cannot call it",
                      error.what()));
    }
  }

  Awaitable<bool> check_credentials() {
    try {
      const aws::Credentials found = co_await access_.credentials().get();
      const aws::CallerIdentity identity = co_await sts_.get_caller_identity();
      account_ = identity.account;
      say(Verdict::good, "credentials", fmt::format("{} (from {})", identity.arn, found.source));
      co_return true;
    } catch (const Error& error) {
      say(Verdict::bad, "credentials", error.what());
    }
    co_return false;
  }

  void check_role(std::string_view what, const std::string& arn) {
    const std::string expected =
        fmt::format("arn:{}:iam::{}:role/", aws::partition_of(aws_region(options_)).id, account_);
    if (arn.starts_with(expected)) {
      say(Verdict::good, what, arn);
    } else {
      say(Verdict::bad, what, fmt::format("\"{}\" is no role of this account ({}NAME)", arn, expected));
    }
  }

  Awaitable<void> check_cluster() {
    const std::string& name = options_.ecs_cluster();
    try {
      const auto answer = co_await ecs_.describe_clusters({{name}});
      if (answer.clusters.empty() || answer.clusters.front().status != "ACTIVE") {
        say(Verdict::bad, "cluster",
            fmt::format("{} does not exist; aws ecs create-cluster --cluster-name {}", name, name));
        co_return;
      }
      const auto& providers = answer.clusters.front().capacity_providers;
      const bool has_spot = std::find(providers.begin(), providers.end(), "FARGATE_SPOT") != providers.end();
      if (options_.ecs_capacity() != "on-demand" && !has_spot) {
        say(Verdict::bad, "cluster",
            fmt::format("{} has no FARGATE_SPOT; aws ecs put-cluster-capacity-providers adds it", name));
        co_return;
      }
      say(Verdict::good, "cluster", answer.clusters.front().cluster_arn);
    } catch (const Error& error) {
      say_refused("cluster", error);
    }
  }

  Awaitable<void> check_subnet(std::string id) {
    try {
      const aws::Subnet subnet = co_await ec2_.describe_subnet(id);
      vpcs_.insert(subnet.vpc);
      const auto text = fmt::format("{} in {}, {} free addresses", id, subnet.zone, subnet.free_addresses);
      say(subnet.free_addresses > 0 ? Verdict::good : Verdict::bad, "subnet", text);
    } catch (const Error& error) {
      say_refused("subnet " + id, error);
    }
  }

  Awaitable<void> check_log_group() {
    const std::string& name = options_.ecs_log_group();
    try {
      const auto answer = co_await logs_.describe_log_groups({.log_group_name_prefix = name});
      const bool exists = std::any_of(answer.log_groups.begin(), answer.log_groups.end(),
                                      [&](const aws::LogGroup& group) { return group.log_group_name == name; });
      say(exists ? Verdict::good : Verdict::doubtful, "log group",
          exists ? name : name + " does not exist; the daemon makes it at its start if it may (logs:CreateLogGroup)");
    } catch (const Error& error) {
      say_refused("log group", error);
    }
  }

  const DaemonOptions& options_;
  SystemClock clock_;
  AwsAccess access_;
  aws::Ecs ecs_;
  aws::Logs logs_;
  aws::Ec2 ec2_;
  aws::Sts sts_;
  std::string account_;
  std::set<std::string> vpcs_;
  int failures_ = 0;
};

}  // namespace

int examine(const Arguments& arguments, const config::Options::Environment& environment) {
  DaemonOptions options;
  if (is_help_wanted(arguments, "doctor", options)) return 0;
  options.load(arguments, environment);
  if (options.local()) {
    throw Error(ErrorKind::invalid_argument, "doctor is for AWS: --local brings everything that it needs");
  }
  asio::io_context loop(1);
  Doctor doctor(loop, options);
  return run_command(loop, doctor.run());
}

}  // namespace sockerless::daemon
