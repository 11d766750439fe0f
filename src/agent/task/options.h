#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/task/callback_url.h"

namespace sockerless::agent {

enum class Mode { forward, reverse, install, version, help };

// What the command reads: nothing, a pipe that stays open, or one that ends with its first client.
enum class StandardInput { none, open, once };

// Everything that the agent is told, by its arguments and its environment.
struct Options {
  Mode mode = Mode::forward;
  std::string listen = ":9111";  // HOST:PORT, or fd:N for a listening socket that was inherited
  CallbackUrl callback;
  std::string install_folder;
  std::vector<std::string> command;
  std::vector<std::string> environment;  // the command's: without any SOCKERLESS_ variable

  std::string token;
  std::string container_id;
  std::string launch_id;
  std::string command_user;  // whom the command and execs run as; empty: as the agent itself
  bool wait_for_go = false;
  bool tty = false;
  StandardInput standard_input = StandardInput::none;
  int stop_signal = 0;                  // what TERM becomes; 0 is TERM itself
  int lease_seconds = 0;                // without a daemon, after which the command is ended; 0: never
  std::string certificate_authorities;  // a PEM file or PEM text; empty is the image's own store
  std::string tls_server_name;          // empty is the host of the callback URL
};

struct ParsedOptions {
  Options options;
  std::string error;  // empty if all is well
};

ParsedOptions parse_options(const std::vector<std::string_view>& arguments,
                            const std::vector<std::string_view>& environment);

// The value of a variable in a list of NAME=VALUE; the last one counts.
std::optional<std::string_view> find_variable(const std::vector<std::string>& environment, std::string_view name);

std::string_view help_text();

}  // namespace sockerless::agent
