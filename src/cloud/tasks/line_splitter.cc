#include "cloud/tasks/line_splitter.h"

namespace sockerless::cloud {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// The length of the UTF-8 character that starts `text`; 0 if there is none.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xc0U) == 0x80U; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return follows(1) ? 2 : 0;
  if (lead >= 0xe0 && lead < 0xf0) {
    const bool valid =
        follows(1) && follows(2) && !(lead == 0xe0 && byte(1) < 0xa0) && !(lead == 0xed && byte(1) >= 0xa0);
    return valid ? 3 : 0;
  }
  if (lead >= 0xf0 && lead < 0xf5) {
    const bool valid = follows(1) && follows(2) && follows(3) && !(lead == 0xf0 && byte(1) < 0x90) &&
                       !(lead == 0xf4 && byte(1) >= 0x90);
    return valid ? 4 : 0;
  }
  return 0;
}

// How many bytes at the end may be the beginning of a character whose rest has not come.
std::size_t unfinished_tail(std::string_view text) {
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if (byte >= 0xc0) return character_length(text.substr(text.size() - back)) == back ? 0 : back;
    if (byte < 0x80) return 0;
  }
  return 0;
}

}  // namespace

void LineSplitter::feed(std::string_view bytes, const Emit& emit) {
  while (!bytes.empty()) {
    const auto newline = bytes.find('\n');
    if (newline != std::string_view::npos) {
      if (partial_.empty()) {
        emit_line(bytes.substr(0, newline), emit);
      } else {
        partial_.append(bytes.substr(0, newline));
        emit_line(std::exchange(partial_, {}), emit);
      }
      bytes.remove_prefix(newline + 1);
      continue;
    }
    partial_.append(bytes);
    bytes = {};
  }
  // A line without an end must not fill the memory.
  while (partial_.size() > kLongestMessage) {
    const std::string_view first = std::string_view(partial_).substr(0, kLongestMessage);
    const std::size_t whole = first.size() - unfinished_tail(first);
    emit_line(first.substr(0, whole), emit);
    partial_.erase(0, whole);
  }
}

void LineSplitter::finish(const Emit& emit) { emit_line(std::exchange(partial_, {}), emit); }

void LineSplitter::emit_line(std::string_view line, const Emit& emit) {
  std::string message;
  while (!line.empty()) {
    const std::size_t length = character_length(line);
    const std::string_view character = length == 0 ? kReplacement : line.substr(0, length);
    if (message.size() + character.size() > kLongestMessage) emit(std::exchange(message, {}));
    message.append(character);
    line.remove_prefix(length == 0 ? 1 : length);
  }
  if (!message.empty()) emit(std::move(message));
}

}  // namespace sockerless::cloud
