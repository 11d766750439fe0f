#pragma once

#include <memory>
#include <string>

#include "base/async.h"
#include "cloud/options.h"

namespace sockerless::cloud {

// The whole local cloud: HTTP server, ECS, Logs, STS, tasks, images. One event loop, which
// outlives it. Root.
class Cloud {
 public:
  // Cleans up after an earlier cloud in the same folder and begins to serve. Throws Error, among
  // others if another cloud uses the folder.
  Cloud(Executor executor, const CloudOptions& options);
  ~Cloud();

  std::string endpoint() const;        // http://127.0.0.1:PORT
  std::string admin_endpoint() const;  // the same, "" without an admin API
  std::string gateway() const;         // address under which tasks reach this machine

  // Answers nothing more, ends all tasks and leaves nothing of them behind.
  Awaitable<void> shut_down();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace sockerless::cloud
