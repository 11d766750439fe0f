#include "docker/detach_keys.h"

#include <fmt/format.h>

#include "base/error.h"

namespace sockerless::docker {
namespace {

constexpr std::string_view kDefault = "\x10\x11";
constexpr std::string_view kControl = "ctrl-";
constexpr std::string_view kControlKeys = "@abcdefghijklmnopqrstuvwxyz[\\]^_";  // by their codes, from 0

Error unknown_key(std::string_view text) {
  return {ErrorKind::invalid_argument, fmt::format("Invalid detach keys ({}) provided", text)};
}

}  // namespace

std::string parse_detach_keys(std::string_view text) {
  if (text.empty()) return std::string(kDefault);
  std::string keys;
  for (std::string_view left = text;;) {
    const std::size_t comma = left.size() == 1 ? 1 : std::min(left.find(','), left.size());
    const std::string_view key = left.substr(0, comma);
    if (key.size() == 1) {
      keys += key;
    } else {
      const bool is_control = key.size() == kControl.size() + 1 && key.starts_with(kControl);
      const std::size_t code = is_control ? kControlKeys.find(key.back()) : std::string_view::npos;
      if (code == std::string_view::npos) throw unknown_key(text);
      keys += static_cast<char>(code);
    }
    if (comma == left.size()) return keys;
    left.remove_prefix(comma + 1);
  }
}

// A byte that breaks the sequence off is not taken for its beginning: moby does the same.
std::string DetachKeys::filter(std::string_view input) {
  std::string passed;
  if (sequence_.empty()) return std::string(input);
  for (const char byte : input) {
    if (were_pressed_) break;
    if (byte == sequence_[matched_]) {
      were_pressed_ = ++matched_ == sequence_.size();
      continue;
    }
    passed.append(sequence_, 0, matched_).push_back(byte);
    matched_ = 0;
  }
  return passed;
}

std::string DetachKeys::rest() {
  return were_pressed_ ? std::string() : sequence_.substr(0, std::exchange(matched_, 0));
}

}  // namespace sockerless::docker
