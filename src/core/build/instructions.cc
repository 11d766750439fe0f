#include "core/build/instructions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "core/build/path_pattern.h"
#include "core/signal.h"

namespace sockerless::core::build {
namespace {

struct Scene {
  const Command& command;
  char escape;
  StageState& stage;
  BuildArguments& arguments;

  ContainerConfig& config() const { return stage.image.config; }
  std::string expanded(const std::string& text) const { return expand(text, escape, variables_of(stage, arguments)); }
};

Error invalid(const std::string& text) { return {ErrorKind::invalid_argument, text}; }

// As Go prints a list of texts with %q.
std::string quoted_list(const std::vector<std::string>& words) {
  std::string text = "[";
  for (const std::string& word : words) text += (text.size() > 1 ? " " : "") + go_quoted(word);
  return text + "]";
}

std::string go_duration(std::int64_t nanoseconds) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  if (nanoseconds == 0) return "0s";
  if (nanoseconds < kSecond) return fmt::format("{}ms", static_cast<double>(nanoseconds) / 1e6);
  const std::int64_t minutes = nanoseconds / (60 * kSecond);
  const double seconds = static_cast<double>(nanoseconds % (60 * kSecond)) / 1e9;
  if (minutes == 0) return fmt::format("{}s", seconds);
  if (minutes < 60) return fmt::format("{}m{}s", minutes, seconds);
  return fmt::format("{}h{}m{}s", minutes / 60, minutes % 60, seconds);
}

// Expands names and values, all of them before any is set.
std::vector<std::pair<std::string, std::string>> expanded_pairs(const Scene& scene) {
  if (scene.command.is_literal) return scene.command.pairs;
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& [name, value] : scene.command.pairs) {
    pairs.emplace_back(scene.expanded(name), scene.expanded(value));
    if (pairs.back().first.empty()) throw invalid(fmt::format("{} names can not be blank", scene.command.keyword()));
  }
  return pairs;
}

Effect environment(const Scene& scene) {
  Effect effect{" ENV"};
  for (const auto& [name, value] : expanded_pairs(scene)) {
    set_variable(scene.config().env, name, value);
    effect.comment += fmt::format(" {}={}", name, value);
  }
  return effect;
}

Effect label(const Scene& scene) {
  Effect effect{" LABEL"};
  for (const auto& [name, value] : expanded_pairs(scene)) {
    scene.config().labels[name] = value;
    effect.comment += fmt::format(" {}={}", name, value);
  }
  return effect;
}

Effect argument(const Scene& scene) {
  Effect effect{" ARG"};
  for (const std::string& word : scene.command.words) {
    const auto equals = word.find('=');
    const std::string name = scene.expanded(word.substr(0, equals));
    if (name.empty()) throw invalid("ARG names can not be blank");
    std::optional<std::string> value;
    if (equals != std::string::npos) value = scene.expanded(word.substr(equals + 1));
    scene.arguments.declare(name, value);
    effect.comment += fmt::format(" {}{}{}", name, value ? "=" : "", value.value_or(""));
  }
  return effect;
}

Effect maintainer(const Scene& scene) {
  scene.stage.image.author = scene.command.words.front();
  return {" MAINTAINER " + scene.stage.image.author};
}

Effect working_folder(const Scene& scene) {
  const std::string path = clean_path(container_path(scene.config(), scene.expanded(scene.command.words.front())));
  scene.config().working_dir = path;
  scene.stage.folders.insert(path);
  return {"WORKDIR " + path};
}

Effect user(const Scene& scene) {
  scene.config().user = scene.expanded(scene.command.words.front());
  return {" USER " + scene.config().user};
}

int port_number(std::string_view text, const std::string& whole) {
  int number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc{} || end != text.data() + text.size() || number < 0 || number > 65535) {
    throw invalid("invalid containerPort: " + whole);
  }
  return number;
}

void expose_one(const std::string& text, std::map<std::string, Empty>& ports) {
  const auto slash = std::min(text.find('/'), text.size());
  const std::string protocol = slash < text.size() ? to_lower(text.substr(slash + 1)) : "tcp";
  if (protocol != "tcp" && protocol != "udp" && protocol != "sctp") throw invalid("invalid proto: " + protocol);
  // What a host's port would be is of no use in an image.
  const std::string range = text.substr(0, slash).substr(text.substr(0, slash).rfind(':') + 1);
  const auto dash = range.find('-');
  const int first = port_number(range.substr(0, dash), range);
  const int last = dash == std::string::npos ? first : port_number(range.substr(dash + 1), range);
  if (last < first) throw invalid("invalid containerPort: " + range);
  for (int port = first; port <= last; ++port) ports[fmt::format("{}/{}", port, protocol)] = {};
}

Effect expose(const Scene& scene) {
  std::vector<std::string> all;
  for (const std::string& word : scene.command.words) {
    for (std::string& port : expand_words(word, scene.escape, variables_of(scene.stage, scene.arguments))) {
      expose_one(port, scene.config().exposed_ports);
      all.push_back(std::move(port));
    }
  }
  return {fmt::format(" EXPOSE {}", fmt::join(all, " "))};
}

Effect volume(const Scene& scene) {
  std::vector<std::string> paths;
  for (const std::string& word : scene.command.words) {
    const std::string expanded = scene.expanded(word);
    const std::string_view path = trim(expanded);
    if (path.empty()) throw invalid("VOLUME specified can not be an empty string");
    paths.emplace_back(path);
    scene.config().volumes[paths.back()] = {};
    scene.stage.folders.insert(clean_path(paths.back()));
  }
  return {fmt::format(" VOLUME [{}]", fmt::join(paths, " "))};
}

Effect stop_signal(const Scene& scene) {
  const std::string signal = scene.expanded(scene.command.words.front());
  parse_signal(signal);
  scene.config().stop_signal = signal;
  return {" STOPSIGNAL " + signal};
}

Effect shell(const Scene& scene) {
  scene.config().shell = scene.command.words;
  return {fmt::format(" SHELL [{}]", fmt::join(scene.command.words, " "))};
}

Effect health_check(const Scene& scene) {
  std::vector<std::string> test = scene.command.words;
  if (test.front() == "CMD" && !scene.command.is_json) test.front() = "CMD-SHELL";
  Effect effect;
  const auto& before = scene.config().healthcheck;
  if (before && !before->test.empty() && before->test.front() != "NONE") {
    effect.note = fmt::format("Note: overriding previous HEALTHCHECK: [{}]\n", fmt::join(before->test, " "));
  }
  const auto flag = [&](const char* name) {
    const auto found = scene.command.flags.find(name);
    return found == scene.command.flags.end() ? std::string() : found->second;
  };
  const auto duration = [&](const char* name) {
    const std::string text = flag(name);
    return text.empty() ? 0 : parse_duration(text);
  };
  Healthcheck check{.test = test,
                    .interval = duration("interval"),
                    .timeout = duration("timeout"),
                    .start_period = duration("start-period"),
                    .start_interval = duration("start-interval")};
  if (const std::string retries = flag("retries"); !retries.empty()) check.retries = std::stoll(retries);
  effect.comment = fmt::format(" HEALTHCHECK &{{{} \"{}\" \"{}\" \"{}\" \"{}\" '\\x{:02x}'}}", quoted_list(check.test),
                               go_duration(check.interval), go_duration(check.timeout), go_duration(check.start_period),
                               go_duration(check.start_interval), check.retries);
  scene.config().healthcheck = std::move(check);
  return effect;
}

Effect on_build(const Scene& scene) {
  scene.config().on_build.push_back(scene.command.words.front());
  return {" ONBUILD " + scene.command.words.front()};
}

std::vector<std::string> command_line(const Scene& scene) {
  if (scene.command.is_json || scene.command.words.empty()) return scene.command.words;
  std::vector<std::string> words = shell_of(scene.config());
  words.push_back(scene.command.words.front());
  return words;
}

Effect command(const Scene& scene) {
  scene.config().cmd = command_line(scene);
  scene.stage.has_command = true;
  return {" CMD " + quoted_list(scene.config().cmd)};
}

Effect entry_point(const Scene& scene) {
  scene.config().entrypoint = command_line(scene);
  if (!scene.stage.has_command) scene.config().cmd.clear();
  return {" ENTRYPOINT " + quoted_list(*scene.config().entrypoint)};
}

struct Entry {
  std::string_view keyword;
  Effect (*apply)(const Scene&);
};

constexpr std::array kEntries{
    Entry{"ARG", argument},
    Entry{"CMD", command},
    Entry{"ENTRYPOINT", entry_point},
    Entry{"ENV", environment},
    Entry{"EXPOSE", expose},
    Entry{"HEALTHCHECK", health_check},
    Entry{"LABEL", label},
    Entry{"MAINTAINER", maintainer},
    Entry{"ONBUILD", on_build},
    Entry{"SHELL", shell},
    Entry{"STOPSIGNAL", stop_signal},
    Entry{"USER", user},
    Entry{"VOLUME", volume},
    Entry{"WORKDIR", working_folder},
};

}  // namespace

void set_variable(std::vector<std::string>& environment, const std::string& name, const std::string& value) {
  const auto found = std::find_if(environment.begin(), environment.end(),
                                  [&](const std::string& line) { return line.substr(0, line.find('=')) == name; });
  if (found == environment.end()) {
    environment.push_back(name + "=" + value);
  } else {
    *found = name + "=" + value;
  }
}

Variables variables_of(const StageState& stage, const BuildArguments& arguments) {
  return [&stage, &arguments](std::string_view name) -> std::optional<std::string> {
    for (const std::string& line : stage.image.config.env) {
      const auto equals = std::min(line.find('='), line.size());
      if (std::string_view(line).substr(0, equals) == name) return line.substr(std::min(equals + 1, line.size()));
    }
    return arguments.value(name);
  };
}

Effect apply_instruction(const Command& command, char escape, StageState& stage, BuildArguments& arguments) {
  const auto* entry = std::find_if(kEntries.begin(), kEntries.end(),
                                   [&](const Entry& known) { return known.keyword == command.keyword(); });
  if (entry == kEntries.end()) throw invalid("unknown instruction: " + command.keyword());
  return entry->apply(Scene{command, escape, stage, arguments});
}

void apply_global_argument(const Command& command, char escape, BuildArguments& arguments) {
  const Variables globals = [&](std::string_view name) { return arguments.global(name); };
  for (const std::string& word : command.words) {
    const auto equals = word.find('=');
    std::optional<std::string> value;
    if (equals != std::string::npos) value = expand(word.substr(equals + 1), escape, globals);
    arguments.declare_global(expand(word.substr(0, equals), escape, globals), value);
  }
}

std::vector<std::string> shell_of(const ContainerConfig& config) {
  return config.shell.empty() ? std::vector<std::string>{"/bin/sh", "-c"} : config.shell;
}

std::string container_path(const ContainerConfig& config, const std::string& path) {
  const bool is_folder = path.ends_with('/') || path == "." || path.ends_with("/.");
  const std::string whole =
      clean_path(path.starts_with('/') ? path : (config.working_dir.empty() ? "/" : config.working_dir) + "/" + path);
  return is_folder && whole != "/" ? whole + "/" : whole;
}

}  // namespace sockerless::core::build
