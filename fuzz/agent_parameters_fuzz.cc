#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agent/protocol/archive.h"
#include "agent/protocol/exec.h"
#include "agent/protocol/statistics.h"

using namespace sockerless::agent;  // NOLINT: a harness is one function

namespace {

// What decodes must encode to bytes that decode to the same again.
template <typename Decode>
void check(std::string_view bytes, Decode decode) {
  const auto value = decode(bytes);
  if (!value) return;
  const std::string wire = encode(*value);
  const auto again = decode(wire);
  if (!again || encode(*again) != wire) std::abort();
}

void check_processes(std::string_view bytes) {
  const auto processes = decode_processes(bytes);
  if (!processes) return;
  std::string wire;
  for (const ProcessFacts& process : *processes) append(wire, process);
  if (wire != bytes) std::abort();
}

void check_path(std::string_view bytes) {
  const auto path = decode_path(bytes);
  if (path && decode_path(encode_path(*path)) != path) std::abort();
}

// How bytes are cut into pieces must not change what they mean.
std::string observe_changes(std::string_view bytes, std::size_t piece) {
  FileChangeDecoder decoder;
  std::string seen;
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, piece);
    decoder.feed(part);
    bytes.remove_prefix(part.size());
    while (const auto change = decoder.next()) append(seen, *change);
  }
  return seen + (decoder.failed() ? "!" : decoder.is_at_end() ? "." : "…");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  check(bytes, decode_exec);
  check(bytes, decode_archive_put);
  check(bytes, decode_file_stat);
  check(bytes, decode_machine_facts);
  check(bytes, decode_files);
  check_path(bytes);
  if (const auto size = decode_size(bytes); size && decode_size(encode_size(*size)) != size) std::abort();
  check_processes(bytes);
  decode_exec_answer(bytes);
  if (observe_changes(bytes, bytes.size() + 1) != observe_changes(bytes, 1 + data[0])) std::abort();
  return 0;
}
