#include "agent/task/options.h"

#include <charconv>

#include "agent/task/signals.h"

namespace sockerless::agent {

namespace {

constexpr std::string_view kPrefix = "SOCKERLESS_";
constexpr std::string_view kNoCallback = "none";

struct Input {
  Options options;
  std::string callback;
  std::string callback_of_launch;
  std::string error;
};

bool is_on(std::string_view value) { return value == "1" || value == "true"; }

void apply_variable(Input& input, std::string_view name, std::string_view value) {
  Options& options = input.options;
  if (name == "AGENT_TOKEN") {
    options.token = value;
  } else if (name == "CONTAINER_ID") {
    options.container_id = value;
  } else if (name == "LAUNCH_ID") {
    options.launch_id = value;
  } else if (name == "AGENT_CALLBACK_URL") {
    input.callback = value;
  } else if (name == "LAUNCH_CALLBACK_URL") {
    input.callback_of_launch = value;
  } else if (name == "AGENT_COMMAND_USER") {
    options.command_user = value;
  } else if (name == "AGENT_WAIT") {
    options.wait_for_go = is_on(value);
  } else if (name == "AGENT_TTY") {
    options.tty = is_on(value);
  } else if (name == "AGENT_STDIN") {
    options.standard_input = value == "once" ? StandardInput::once
                             : is_on(value)  ? StandardInput::open
                                             : StandardInput::none;
  } else if (name == "AGENT_STOP_SIGNAL") {
    options.stop_signal = parse_signal(value).value_or(0);
  } else if (name == "AGENT_LEASE") {
    std::from_chars(value.data(), value.data() + value.size(), options.lease_seconds);
  } else if (name == "AGENT_CA") {
    options.certificate_authorities = value;
  } else if (name == "AGENT_TLS_SERVER_NAME") {
    options.tls_server_name = value;
  }
}

void read_environment(Input& input, const std::vector<std::string_view>& environment) {
  for (const std::string_view variable : environment) {
    if (!variable.starts_with(kPrefix)) {
      input.options.environment.emplace_back(variable);
      continue;
    }
    const std::size_t equals = variable.find('=');
    if (equals == std::string_view::npos) continue;
    apply_variable(input, variable.substr(kPrefix.size(), equals - kPrefix.size()), variable.substr(equals + 1));
  }
}

// An option with a value; returns how many arguments it took, 0 if it is unknown.
std::size_t apply_option(Input& input, std::string_view name, std::optional<std::string_view> value) {
  Options& options = input.options;
  if (name == "--version" || name == "--help" || name == "-h") {
    options.mode = name == "--version" ? Mode::version : Mode::help;
    return 1;
  }
  if (name != "--addr" && name != "--callback" && name != "--install") {
    input.error = "unknown option " + std::string(name);
    return 0;
  }
  if (!value) {
    input.error = "option " + std::string(name) + " needs a value";
    return 0;
  }
  if (name == "--addr") {
    options.listen = *value;
    options.mode = Mode::forward;
    input.callback.clear();
  } else if (name == "--callback") {
    input.callback = *value;
  } else {
    options.install_folder = *value;
    options.mode = Mode::install;
  }
  return 2;
}

void read_arguments(Input& input, const std::vector<std::string_view>& arguments) {
  for (std::size_t i = 0; i < arguments.size();) {
    if (arguments[i] == "--") {
      input.options.command.assign(arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1, arguments.end());
      return;
    }
    std::optional<std::string_view> value;
    if (i + 1 < arguments.size()) value = arguments[i + 1];
    const std::size_t taken = apply_option(input, arguments[i], value);
    if (taken == 0) return;
    i += taken;
  }
}

void check(Input& input) {
  Options& options = input.options;
  const bool runs_command = options.mode == Mode::forward || options.mode == Mode::reverse;
  if (!runs_command) return;
  // The rest may stem from a task definition of an earlier daemon, which had another address.
  if (!input.callback_of_launch.empty()) {
    options.mode = Mode::forward;
    input.callback = input.callback_of_launch == kNoCallback ? "" : input.callback_of_launch;
  }
  if (!input.callback.empty()) {
    options.mode = Mode::reverse;
    const auto url = parse_callback_url(input.callback);
    if (!url) {
      input.error = "callback URL " + input.callback + " is not of the form http[s]://HOST[:PORT][/PATH]";
      return;
    }
    options.callback = *url;
  }
  if (options.command.empty()) {
    input.error = "no command: sockerless-agent [--addr HOST:PORT | --callback URL] -- COMMAND [ARGUMENT...]";
  } else if (options.token.empty()) {
    input.error = "SOCKERLESS_AGENT_TOKEN is not set";
  }
}

}  // namespace

ParsedOptions parse_options(const std::vector<std::string_view>& arguments,
                            const std::vector<std::string_view>& environment) {
  Input input;
  read_environment(input, environment);
  read_arguments(input, arguments);
  if (input.error.empty()) check(input);
  return {.options = std::move(input.options), .error = std::move(input.error)};
}

std::optional<std::string_view> find_variable(const std::vector<std::string>& environment, std::string_view name) {
  for (auto variable = environment.rbegin(); variable != environment.rend(); ++variable) {
    const std::string_view text = *variable;
    if (text.starts_with(name) && text.size() > name.size() && text[name.size()] == '=') {
      return text.substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

std::string_view help_text() {
  return "Runs a container's command and serves the Sockerless daemon from inside the task.\n"
         "\n"
         "  sockerless-agent --addr HOST:PORT -- COMMAND...   wait for the daemon to connect (default :9111)\n"
         "  sockerless-agent --callback URL -- COMMAND...     connect to the daemon\n"
         "  sockerless-agent --install DIR                    copy this program into a folder\n"
         "  sockerless-agent --version | --help\n"
         "\n"
         "Environment, none of which the command sees:\n"
         "  SOCKERLESS_AGENT_TOKEN            secret shared with the daemon (required)\n"
         "  SOCKERLESS_CONTAINER_ID, SOCKERLESS_LAUNCH_ID\n"
         "  SOCKERLESS_AGENT_CALLBACK_URL     the same as --callback\n"
         "  SOCKERLESS_LAUNCH_CALLBACK_URL    beats --callback and --addr; none: wait for the daemon\n"
         "  SOCKERLESS_AGENT_WAIT=1           run the command when the daemon says go, not before\n"
         "  SOCKERLESS_AGENT_STDIN=1|once     give the command an open standard input\n"
         "  SOCKERLESS_AGENT_COMMAND_USER     run the command and execs as this user (the agent must be root)\n"
         "  SOCKERLESS_AGENT_TTY=1            give the command a terminal\n"
         "  SOCKERLESS_AGENT_STOP_SIGNAL      what the command gets for TERM\n"
         "  SOCKERLESS_AGENT_LEASE=SECONDS    end the command when no daemon has been connected for so long\n"
         "  SOCKERLESS_AGENT_CA               PEM file, or PEM text, to verify the daemon's certificate with\n"
         "  SOCKERLESS_AGENT_TLS_SERVER_NAME  name in the daemon's certificate, if it is not the URL's host\n";
}

}  // namespace sockerless::agent
