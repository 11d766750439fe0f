#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "core/build/expansion.h"
#include "core/build/path_pattern.h"
#include "core/build/stages.h"

using namespace sockerless;  // NOLINT: a harness is one function

namespace {

std::optional<std::string> variable(std::string_view name) {
  if (name == "unset") return std::nullopt;
  return std::string(name) + "/value.tar";
}

void read_dockerfile(std::string_view text) {
  const core::build::Dockerfile file = core::build::parse_dockerfile(text);
  for (const core::build::Instruction& instruction : file.instructions) {
    if (instruction.line < 1) std::abort();
    for (const std::string& word : core::build::split_words(instruction.rest, file.escape)) {
      try {
        core::build::expand(word, file.escape, variable);
      } catch (const Error&) {
        continue;  // what is malformed is refused
      }
    }
  }
  core::build::parse_stages(file);
}

void read_patterns(std::string_view text) {
  const core::build::IgnoreList list(text);
  list.ignores(text.substr(0, 200));
  list.ignores("a/b/c");
}

}  // namespace

// A Dockerfile, or a .dockerignore: refused in words, or read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 16 * 1024) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    if (data[0] % 4 == 0) {
      read_patterns(text);
    } else {
      read_dockerfile(text);
    }
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::invalid_argument) std::abort();
  }
  return 0;
}
