#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agent/protocol/channel.h"
#include "agent/protocol/handshake.h"
#include "base/websocket.h"

using namespace sockerless::agent;  // NOLINT: a harness is one function

namespace {

constexpr std::size_t kLimit = 4096;

// Everything that a decoder says about the bytes, fed in pieces of one size.
std::string observe(Role role, std::string_view bytes, std::size_t piece) {
  sockerless::websocket::Decoder decoder(role, kLimit);
  std::string seen;
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, piece);
    decoder.feed(part);
    bytes.remove_prefix(part.size());
    while (const auto event = decoder.next()) {
      if (event->payload.size() > kLimit) std::abort();
      seen.push_back(static_cast<char>(event->opcode));
      seen.append(std::to_string(event->payload.size())).append(event->payload);
    }
  }
  return seen + decoder.error();
}

}  // namespace

// How bytes are cut into pieces must not change what they mean.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Role role = data[0] % 2 == 0 ? Role::client : Role::server;
  const std::size_t piece = 1 + data[0] / 2;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (observe(role, bytes, bytes.size() + 1) != observe(role, bytes, piece)) std::abort();

  Channel channel(role, 1);
  channel.receive(bytes);
  while (channel.next()) {
  }
  channel.consume(channel.outgoing().size());

  if (const auto end = find_head_end(bytes)) {
    const auto head = parse_head(bytes.substr(0, *end));
    if (head && is_upgrade_request(*head)) is_same_secret(bearer_token(*head), "secret");
  }
  return 0;
}
