#pragma once

#include <memory>
#include <set>
#include <string>

#include "core/build/build_arguments.h"
#include "core/build/expansion.h"
#include "core/build/file_tree.h"
#include "core/build/stages.h"
#include "core/images.h"

namespace sockerless::core::build {

// A stage while it is built.
struct StageState {
  ImageRecord image;  // its id is that of the last step, "" before the first of FROM scratch
  std::string name;
  // What COPY and ADD have put there, in it or in its base.
  std::shared_ptr<FileTree> files = std::make_shared<FileTree>();
  std::set<std::string> folders;  // absolute; that are there for certain
  bool has_command = false;       // CMD has been given: ENTRYPOINT leaves it
};

// What an instruction has to say.
struct Effect {
  std::string comment;  // as the image's history has it behind "#(nop) "
  std::string note;     // for the user; may be empty
};

// Variables as the stage sees them now: its environment, then its arguments.
Variables variables_of(const StageState& stage, const BuildArguments& arguments);

// Carries out an instruction that changes the configuration alone: all but FROM, RUN, COPY and ADD.
// Throws Error(invalid_argument) in Docker's words.
Effect apply_instruction(const Command& command, char escape, StageState& stage, BuildArguments& arguments);

// ARG before the first FROM.
void apply_global_argument(const Command& command, char escape, BuildArguments& arguments);

// What the shell form is run by.
std::vector<std::string> shell_of(const ContainerConfig& config);

// The path in the container, joined to the working directory if it is relative; keeps a closing
// slash.
std::string container_path(const ContainerConfig& config, const std::string& path);

// Sets a variable in a list of "NAME=value".
void set_variable(std::vector<std::string>& environment, const std::string& name, const std::string& value);

}  // namespace sockerless::core::build
