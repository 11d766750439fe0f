#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

// Docker's container configuration as the API, the store and core share it: "Config" of the
// Engine API's ContainerCreate and ContainerInspect. Member names in JSON are Docker's.
namespace sockerless::core {

// An object without members, "{}": the values of ExposedPorts and Volumes.
struct Empty {
  static constexpr auto fields() { return std::tuple{}; }
};

// A list of words; clients may also send one text for one word.
struct Words : std::vector<std::string> {
  using std::vector<std::string>::vector;
  Words(std::vector<std::string> words) : std::vector<std::string>(std::move(words)) {}
};
void read(const json::Value& value, Words& out, const json::Path& path);

struct Healthcheck {
  std::vector<std::string> test;
  std::int64_t interval = 0;  // nanoseconds, as all durations of Docker's API
  std::int64_t timeout = 0;
  std::int64_t start_period = 0;
  std::int64_t start_interval = 0;
  std::int64_t retries = 0;

  static constexpr auto fields() {
    using json::Emit;
    using json::field;
    return std::tuple{field("Test", &Healthcheck::test, Emit::omit_empty),
                      field("Interval", &Healthcheck::interval, Emit::omit_empty),
                      field("Timeout", &Healthcheck::timeout, Emit::omit_empty),
                      field("StartPeriod", &Healthcheck::start_period, Emit::omit_empty),
                      field("StartInterval", &Healthcheck::start_interval, Emit::omit_empty),
                      field("Retries", &Healthcheck::retries, Emit::omit_empty)};
  }
};

struct ContainerConfig {
  std::string hostname;
  std::string domainname;
  std::string user;
  bool attach_stdin = false;
  bool attach_stdout = false;
  bool attach_stderr = false;
  std::map<std::string, Empty> exposed_ports;
  bool tty = false;
  bool open_stdin = false;
  bool stdin_once = false;
  std::vector<std::string> env;
  Words cmd;
  std::optional<Healthcheck> healthcheck;
  bool args_escaped = false;
  std::string image;
  std::map<std::string, Empty> volumes;
  std::string working_dir;
  std::optional<Words> entrypoint;
  bool network_disabled = false;
  std::string mac_address;
  std::vector<std::string> on_build;
  std::map<std::string, std::string> labels;
  std::string stop_signal;
  std::optional<std::int64_t> stop_timeout;  // seconds
  std::vector<std::string> shell;

  static constexpr auto fields() {
    using C = ContainerConfig;
    using json::Emit;
    using json::field;
    return std::tuple{field("Hostname", &C::hostname),
                      field("Domainname", &C::domainname),
                      field("User", &C::user),
                      field("AttachStdin", &C::attach_stdin),
                      field("AttachStdout", &C::attach_stdout),
                      field("AttachStderr", &C::attach_stderr),
                      field("ExposedPorts", &C::exposed_ports, Emit::omit_empty),
                      field("Tty", &C::tty),
                      field("OpenStdin", &C::open_stdin),
                      field("StdinOnce", &C::stdin_once),
                      field("Env", &C::env, Emit::null_if_empty),
                      field("Cmd", &C::cmd, Emit::null_if_empty),
                      field("Healthcheck", &C::healthcheck, Emit::omit_empty),
                      field("ArgsEscaped", &C::args_escaped, Emit::omit_empty),
                      field("Image", &C::image),
                      field("Volumes", &C::volumes, Emit::null_if_empty),
                      field("WorkingDir", &C::working_dir),
                      field("Entrypoint", &C::entrypoint, Emit::null_if_empty),
                      field("NetworkDisabled", &C::network_disabled, Emit::omit_empty),
                      field("MacAddress", &C::mac_address, Emit::omit_empty),
                      field("OnBuild", &C::on_build, Emit::null_if_empty),
                      field("Labels", &C::labels),
                      field("StopSignal", &C::stop_signal, Emit::omit_empty),
                      field("StopTimeout", &C::stop_timeout, Emit::omit_empty),
                      field("Shell", &C::shell, Emit::omit_empty)};
  }
};

}  // namespace sockerless::core
