#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/protocol/archive.h"

using namespace sockerless::agent;  // NOLINT: a harness is one function

// Whatever decodes must encode to what decodes again, and a list of changes must end.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view message(reinterpret_cast<const char*>(data), size);
  if (const auto put = decode_archive_put(message)) {
    if (!decode_archive_put(encode(*put))) std::abort();
  }
  if (const auto path = decode_path(message)) {
    if (decode_path(encode_path(*path)) != path) std::abort();
  }
  if (const auto stat = decode_file_stat(message)) {
    if (!decode_file_stat(encode(*stat))) std::abort();
  }
  FileChangeDecoder decoder;
  for (std::size_t at = 0; at < size; at += 7) {
    decoder.feed(message.substr(at, 7));
    while (decoder.next()) {
    }
  }
  if (decoder.failed() && decoder.is_at_end()) std::abort();
  return 0;
}
