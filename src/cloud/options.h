#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "config/option.h"

namespace sockerless::cloud {

inline constexpr std::int64_t kMebibyte = 1024 * 1024;
constexpr const char* kDataFolder = "/var/lib/sockerless-cloud";
constexpr int kLayerLimit = 20 * 1024;  // MiB: all that a Fargate task has
constexpr int kLayerFilesLimit = 1'000'000;

// In the words of image configurations.
std::string machine_architecture();

struct CloudOptions : config::Options {
  template <typename T>
  using Option = config::Option<T>;
  using Duration = std::chrono::milliseconds;

  Option<std::string> listen{this, "listen", "127.0.0.1:4566",
                             "Address of the AWS endpoint, HOST:PORT; port 0 takes a free one."};
  Option<std::string> admin{this, "admin", "",
                            "Address of the admin API, which injects faults, on the loopback interface; empty: none."};
  Option<std::string> data_dir{this, "data-dir", kDataFolder,
                               "Folder of layers, running containers, state and logs; one cloud at a time uses it."};
  Option<config::Pairs> efs{this, "efs", {}, "Folders that stand for EFS file systems, ID=PATH[,ID=PATH]."};
  Option<config::Pairs> registry_mirror{
      this, "registry-mirror", {}, "Where images of a registry are fetched instead, HOST=URL[,HOST=URL]."};
  Option<int> layer_limit{this, "layer-limit", kLayerLimit,
                          "MiB that a layer may have unpacked: a larger one is a pull that fails."};
  Option<int> layer_files_limit{this, "layer-files-limit", kLayerFilesLimit, "Files that a layer may have."};
  Option<std::string> secrets{this, "secrets", "",
                              "JSON file of what secrets and parameters have, {\"NAME or ARN\": \"value\"}."};
  Option<std::string> access_key_id{this, "access-key-id", "local", "The key that requests must be signed with."};
  Option<Secret> secret_access_key{this, "secret-access-key", Secret("local"), "The secret of that key."};
  Option<Secret> session_token{this, "session-token", Secret(),
                               "The session token that requests must carry; empty for a long-term key."};
  Option<std::string> region{this, "region", "us-east-1", "Region that the cloud plays."};
  Option<std::string> account{this, "account", "000000000000", "Account that the cloud plays."};
  Option<std::string> cluster{this, "cluster", "sockerless", "ECS cluster that exists from the start."};
  Option<int> image_cache{this, "image-cache", 20480,
                          "How many MiB unpacked layers may occupy; those that no task uses go, the least "
                          "recently used first. 0: any number."};
  Option<int> log_limit{this, "log-limit", 10240,
                        "How many MiB log events may occupy; beyond, streams that no task writes to go, the longest "
                        "silent first. 0: any number."};
  Option<std::string> runner{this, "runner", "oci",
                             "oci: tasks are real containers; null: tasks exist in state only, which needs no root."};
  Option<std::string> runtime{this, "runtime", "runc", "OCI runtime that runs containers, a name or a path."};
  Option<std::string> subnet{this, "subnet", "auto", "Addresses of the tasks: auto, or a CIDR such as 10.99.0.0/24."};
  Option<int> ready_fd{this, "ready-fd", -1, "File descriptor that gets one line of JSON when the cloud serves."};
  Option<bool> exit_with_parent{this, "exit-with-parent", false, "End when the process that started this one ends."};
  Option<Duration> fault_launch_delay{this, "fault-launch-delay", Duration(0),
                                      "How long every task stays in PROVISIONING."};
  Option<std::string> fault_run_task{this, "fault-run-task", "",
                                     "What every RunTask ends with: capacity, throttle or error:CODE."};
  Option<int> fault_missing{this, "fault-missing", 0, "How many times DescribeTasks reports a new task as MISSING."};
  Option<Duration> fault_log_lag{this, "fault-log-lag", Duration(0), "How long log events take to become visible."};
  Option<std::string> log_level{this, "log-level", "info", "trace, debug, info, warn or error."};
  Option<std::string> log_format{this, "log-format", "text", "text or json."};
};

}  // namespace sockerless::cloud
