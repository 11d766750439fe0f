#pragma once

#include <sys/types.h>

#include <string>

#include "daemon/options.h"

namespace sockerless::daemon {

// sockerless-cloud as a child process: what --local means. From here on it is an AWS endpoint like
// any other. Ends with this object, and with this process however that ends.
class LocalCloud {
 public:
  // Starts it and returns when it serves. Throws Error that says why it does not.
  LocalCloud(const DaemonOptions& options, const std::string& folder);
  ~LocalCloud();
  LocalCloud(const LocalCloud&) = delete;
  LocalCloud& operator=(const LocalCloud&) = delete;

  const std::string& endpoint() const { return endpoint_; }  // http://127.0.0.1:PORT
  const std::string& gateway() const { return gateway_; }    // where tasks reach this host

  static constexpr std::string_view kAgentFileSystem = "fs-10ca1";

 private:
  void start(std::vector<std::string> arguments, int ready_fd);
  void await_ready(int fd);

  pid_t pid_ = -1;
  std::string endpoint_;
  std::string gateway_;
};

// The folder of the running program, where the others are too.
std::string program_folder();

}  // namespace sockerless::daemon
