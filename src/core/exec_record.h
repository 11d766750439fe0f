#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/json.h"

namespace sockerless::core {

// An exec as it is written down.
struct ExecRecord {
  std::string container_id;
  std::string launch;  // of the container, when it was created
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  std::string working_directory;
  std::string user;
  bool tty = false;
  bool privileged = false;
  bool standard_in = false;
  bool standard_out = false;
  bool standard_error = false;
  std::string detach_keys;
  bool is_running = false;
  std::optional<int> exit_code;
  int pid = 0;

  static constexpr auto fields() {
    using E = ExecRecord;
    using json::field;
    return std::tuple{field("container_id", &E::container_id),
                      field("launch", &E::launch),
                      field("arguments", &E::arguments),
                      field("environment", &E::environment),
                      field("working_directory", &E::working_directory),
                      field("user", &E::user),
                      field("tty", &E::tty),
                      field("privileged", &E::privileged),
                      field("standard_in", &E::standard_in),
                      field("standard_out", &E::standard_out),
                      field("standard_error", &E::standard_error),
                      field("detach_keys", &E::detach_keys),
                      field("is_running", &E::is_running),
                      field("exit_code", &E::exit_code),
                      field("pid", &E::pid)};
  }
};

}  // namespace sockerless::core
