#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "base/async.h"
#include "base/clock.h"
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

  // Starts it again, at the same address, whenever it has ended, and calls `served` when it serves
  // again. Until cancelled.
  Awaitable<void> keep_running(Clock& clock, std::function<Awaitable<void>()> served);

  const std::string& endpoint() const { return endpoint_; }  // http://127.0.0.1:PORT
  // Where images are described that were imported into it, by the hosts of their names.
  std::string imported_images() const { return endpoint_ + "/imported"; }
  const std::string& gateway() const { return gateway_; }  // where tasks reach this host

  static constexpr std::string_view kAgentFileSystem = "fs-10ca1";

 private:
  // Returns the descriptor on which it says that it serves.
  int start();
  void take_ready(const std::string& line);
  Awaitable<void> await_end();
  Awaitable<bool> start_again();

  std::vector<std::string> arguments_;
  pid_t pid_ = -1;
  std::string endpoint_;
  std::string gateway_;
};

// The folder of the running program, where the others are too.
std::string program_folder();

}  // namespace sockerless::daemon
