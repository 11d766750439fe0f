#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/build/dockerfile.h"

namespace sockerless::core::build {

// An instruction that has been checked, taken apart as its kind needs it.
struct Command {
  Instruction instruction;
  std::map<std::string, std::string> flags;                // without dashes
  std::vector<std::string> words;                          // arguments; of the shell form, all of it as one
  bool is_json = false;                                    // they were given as a JSON list
  std::vector<std::pair<std::string, std::string>> pairs;  // ENV, LABEL
  bool is_literal = false;                                 // nothing in them is expanded

  const std::string& keyword() const { return instruction.keyword; }
};

// FROM and what follows it.
struct Stage {
  Command from;
  std::string base;  // not expanded
  std::string name;  // in small letters; empty if it has none
  std::vector<Command> commands;
};

struct Stages {
  std::vector<Command> arguments;  // ARG before the first FROM
  std::vector<Stage> stages;

  // Those up to the one with the name, which becomes the last. Throws
  // Error(invalid_argument) if there is none.
  void end_at(const std::string& target);
};

// Throws Error(invalid_argument), "dockerfile parse error on line N: …".
Stages parse_stages(const Dockerfile& file);

// Throws Error(invalid_argument) in Docker's words, without a line.
Command parse_command(Instruction instruction, char escape);

// Nothing if the text is no JSON list; throws Error(invalid_argument) if a member is no text.
std::optional<std::vector<std::string>> json_words(std::string_view text);

// A duration as Go writes it, "1m30s", in nanoseconds. Throws Error(invalid_argument).
std::int64_t parse_duration(std::string_view text);

}  // namespace sockerless::core::build
