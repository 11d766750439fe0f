#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agent/protocol/exec.h"
#include "agent/protocol/frame.h"

using namespace sockerless::agent;  // NOLINT: a harness is one function

// Whatever decodes must encode, and to bytes that decode to the same again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view message(reinterpret_cast<const char*>(data), size);
  decode_attach(message);
  decode_signal(message);
  decode_resize(message);
  if (const auto exec = decode_exec(message)) {
    if (!decode_exec(encode(*exec))) std::abort();
  }
  const auto frame = decode(message);
  if (!frame) return 0;
  std::string wire;
  encode(wire, *frame);
  const auto again = decode(wire);
  if (!again) std::abort();
  std::string rewired;
  encode(rewired, *again);
  if (rewired != wire) std::abort();
  return 0;
}
