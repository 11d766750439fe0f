#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agent/protocol/handshake.h"

using namespace sockerless::agent;  // NOLINT: a harness is one function

// Heads of either direction: nothing outside of the head counts, and only the secret is the secret.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto end = find_head_end(bytes);
  if (!end) return 0;
  if (*end == 0 || *end > size) std::abort();
  if (find_head_end(bytes.substr(0, *end)) != end || find_head_end(bytes.substr(0, *end - 1))) std::abort();
  const auto head = parse_head(bytes.substr(0, *end));
  if (!head) return 0;
  is_upgrade_request(*head);
  is_upgrade_response(*head, "dGhlIHNhbXBsZSBub25jZQ==");
  const std::string_view token = bearer_token(*head);
  if (is_same_secret(token, "secret") != (token == "secret") || is_same_secret(token, "")) std::abort();
  for (const auto& [name, value] : head->headers) {
    if (value.find_first_of("\r\n") != std::string::npos || name.find(':') != std::string::npos) std::abort();
  }
  return 0;
}
