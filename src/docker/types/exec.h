#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "core/container_config.h"

// Bodies of the exec calls. Member names in JSON are Docker's.
namespace sockerless::docker {

struct ExecCreateRequest {
  std::string user;
  bool privileged = false;
  bool tty = false;
  std::vector<std::int64_t> console_size;  // rows and columns
  bool attach_stdin = false;
  bool attach_stderr = false;
  bool attach_stdout = false;
  std::string detach_keys;
  std::vector<std::string> env;
  std::string working_dir;
  core::Words cmd;

  static constexpr auto fields() {
    using E = ExecCreateRequest;
    using json::field;
    return std::tuple{field("User", &E::user),
                      field("Privileged", &E::privileged),
                      field("Tty", &E::tty),
                      field("ConsoleSize", &E::console_size),
                      field("AttachStdin", &E::attach_stdin),
                      field("AttachStderr", &E::attach_stderr),
                      field("AttachStdout", &E::attach_stdout),
                      field("DetachKeys", &E::detach_keys),
                      field("Env", &E::env),
                      field("WorkingDir", &E::working_dir),
                      field("Cmd", &E::cmd)};
  }
};

struct ExecCreateResponse {
  std::string id;
  static constexpr auto fields() { return std::tuple{json::field("Id", &ExecCreateResponse::id)}; }
};

struct ExecStartRequest {
  bool detach = false;
  bool tty = false;
  std::vector<std::int64_t> console_size;

  static constexpr auto fields() {
    using E = ExecStartRequest;
    return std::tuple{json::field("Detach", &E::detach), json::field("Tty", &E::tty),
                      json::field("ConsoleSize", &E::console_size)};
  }
};

struct ExecProcessView {
  bool tty = false;
  std::string entrypoint;
  std::vector<std::string> arguments;
  bool privileged = false;
  std::string user;

  static constexpr auto fields() {
    using P = ExecProcessView;
    using json::field;
    return std::tuple{field("tty", &P::tty), field("entrypoint", &P::entrypoint), field("arguments", &P::arguments),
                      field("privileged", &P::privileged), field("user", &P::user, json::Emit::omit_empty)};
  }
};

struct ExecView {
  std::string id;
  bool running = false;
  std::optional<int> exit_code;
  ExecProcessView process;
  bool open_stdin = false;
  bool open_stderr = false;
  bool open_stdout = false;
  bool can_remove = false;
  std::string container_id;
  std::string detach_keys;  // base64
  int pid = 0;

  static constexpr auto fields() {
    using E = ExecView;
    using json::field;
    return std::tuple{field("ID", &E::id),
                      field("Running", &E::running),
                      field("ExitCode", &E::exit_code),
                      field("ProcessConfig", &E::process),
                      field("OpenStdin", &E::open_stdin),
                      field("OpenStderr", &E::open_stderr),
                      field("OpenStdout", &E::open_stdout),
                      field("CanRemove", &E::can_remove),
                      field("ContainerID", &E::container_id),
                      field("DetachKeys", &E::detach_keys),
                      field("Pid", &E::pid)};
  }
};

}  // namespace sockerless::docker
