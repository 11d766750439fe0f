#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/hub/hub.h"
#include "daemon/options.h"
#include "http/server.h"

namespace sockerless::daemon {

// Where agents call: serves nothing but their connection, and is the only listener that does.
http::Handler callback_handler(agent::Hub& hub);

// What is wrong with the options of the Docker API's addresses, one a line; "" if nothing is.
std::string find_listener_problems(const DaemonOptions& options);

// The Docker API's listeners. Owns the TLS files' contents.
class ApiListeners {
 public:
  // Throws Error that names the address or the file.
  explicit ApiListeners(const DaemonOptions& options);

  // Throws Error that names the address that cannot be listened on.
  std::vector<std::unique_ptr<http::Listener>> open(Executor executor);

  // Reads the TLS files again; connections that are open keep theirs. Throws Error that names the file.
  void reload();

 private:
  std::unique_ptr<http::Listener> open_one(Executor executor, const std::string& address) const;

  const DaemonOptions& options_;
  std::shared_ptr<http::TlsServer> tls_;
};

}  // namespace sockerless::daemon
