#include "core/build/stages.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/error.h"

namespace sockerless::core::build {
namespace {

bool is_stage_name(const std::string& name) {
  const auto is_part = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.'; };
  return std::isalpha(static_cast<unsigned char>(name.front())) != 0 && std::all_of(name.begin(), name.end(), is_part);
}

Stage begin_stage(Command from) {
  Stage stage;
  const std::vector<std::string>& words = from.words;
  const bool is_named = words.size() == 3 && to_upper(words[1]) == "AS";
  if (words.size() != 1 && !is_named) {
    throw Error(ErrorKind::invalid_argument, "FROM requires either one or three arguments");
  }
  if (is_named) {
    stage.name = to_lower(words[2]);
    if (!is_stage_name(stage.name)) {
      throw Error(ErrorKind::invalid_argument,
                  fmt::format("invalid name for build stage: {}, name can't start with a number or contain symbols",
                              go_quoted(words[2])));
    }
  }
  stage.base = words[0];
  stage.from = std::move(from);
  return stage;
}

void add(Stages& result, const Instruction& instruction, char escape) {
  Command command = parse_command(instruction, escape);
  if (command.keyword() == "FROM") {
    result.stages.push_back(begin_stage(std::move(command)));
  } else if (!result.stages.empty()) {
    result.stages.back().commands.push_back(std::move(command));
  } else {
    result.arguments.push_back(std::move(command));
  }
}

}  // namespace

Stages parse_stages(const Dockerfile& file) {
  Stages result;
  for (const Instruction& instruction : file.instructions) {
    try {
      add(result, instruction, file.escape);
    } catch (const Error& error) {
      throw Error(error.kind(), fmt::format("dockerfile parse error on line {}: {}", instruction.line, error.what()));
    }
    const bool is_outside = result.stages.empty() && instruction.keyword != "ARG";
    if (is_outside) throw Error(ErrorKind::invalid_argument, "no build stage in current context");
  }
  return result;
}

void Stages::end_at(const std::string& target) {
  if (target.empty()) return;
  const std::string name = to_lower(target);
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (stages[i].name != name) continue;
    stages.resize(i + 1);
    return;
  }
  throw Error(ErrorKind::invalid_argument, fmt::format("failed to reach build target {} in Dockerfile", target));
}

}  // namespace sockerless::core::build
