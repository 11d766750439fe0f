#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The parameters of exec sessions and the answer to them. The layout is written down in
// docs/agent-protocol.md.
namespace sockerless::agent {

struct ExecParameters {
  std::vector<std::string> arguments;  // one at least
  // NAME=VALUE on top of the container's environment; a NAME alone takes a variable away.
  std::vector<std::string> environment;
  std::string working_directory;  // empty: the container's
  std::string user;               // name|uid[:group|gid]; empty: the container's
  bool tty = false;
  bool standard_in = false;
  bool standard_out = false;
  bool standard_error = false;
  bool only_check_user = false;  // nothing is run: the session ends with 0 if there is such a user
  std::uint16_t rows = 0;        // of the terminal; 0: as the kernel has it
  std::uint16_t columns = 0;
};

std::string encode(const ExecParameters& parameters);
std::optional<ExecParameters> decode_exec(std::string_view parameters);

// The parameters of `opened`: the command's process id.
std::string encode_exec_answer(std::uint32_t pid);
std::optional<std::uint32_t> decode_exec_answer(std::string_view answer);

}  // namespace sockerless::agent
