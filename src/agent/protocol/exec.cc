#include "agent/protocol/exec.h"

#include <algorithm>

#include "agent/protocol/bytes.h"

namespace sockerless::agent {

namespace {

constexpr unsigned kTty = 1;
constexpr unsigned kStandardIn = 2;
constexpr unsigned kStandardOut = 4;
constexpr unsigned kStandardError = 8;
constexpr unsigned kOnlyCheckUser = 16;

constexpr std::size_t kTextHead = 4;  // the least that a text takes

void write_list(ByteWriter& writer, const std::vector<std::string>& texts) {
  writer.u32(static_cast<std::uint32_t>(texts.size()));
  for (const std::string& text : texts) writer.text(text);
}

// The count is checked before it is believed: nothing may be reserved for texts that are not there.
std::vector<std::string> read_list(ByteReader& reader, std::size_t message_size) {
  const std::uint32_t count = reader.u32();
  std::vector<std::string> texts;
  texts.reserve(std::min<std::size_t>(count, message_size / kTextHead));
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) texts.emplace_back(reader.text());
  return texts;
}

// What no process can have in its arguments, environment or paths.
bool has_zero(const std::string& text) { return text.find('\0') != std::string::npos; }

bool is_sound(const ExecParameters& parameters) {
  return !parameters.arguments.empty() && !has_zero(parameters.working_directory) && !has_zero(parameters.user) &&
         std::none_of(parameters.arguments.begin(), parameters.arguments.end(), has_zero) &&
         std::none_of(parameters.environment.begin(), parameters.environment.end(), has_zero);
}

}  // namespace

std::string encode(const ExecParameters& parameters) {
  std::string out;
  ByteWriter writer(out);
  writer.u8(static_cast<std::uint8_t>((parameters.tty ? kTty : 0) | (parameters.standard_in ? kStandardIn : 0) |
                                      (parameters.standard_out ? kStandardOut : 0) |
                                      (parameters.standard_error ? kStandardError : 0) |
                                      (parameters.only_check_user ? kOnlyCheckUser : 0)));
  writer.u16(parameters.rows);
  writer.u16(parameters.columns);
  writer.text(parameters.user);
  writer.text(parameters.working_directory);
  write_list(writer, parameters.arguments);
  write_list(writer, parameters.environment);
  return out;
}

std::optional<ExecParameters> decode_exec(std::string_view parameters) {
  ByteReader reader(parameters);
  ExecParameters decoded;
  const unsigned flags = reader.u8();
  decoded.tty = (flags & kTty) != 0;
  decoded.standard_in = (flags & kStandardIn) != 0;
  decoded.standard_out = (flags & kStandardOut) != 0;
  decoded.standard_error = (flags & kStandardError) != 0;
  decoded.only_check_user = (flags & kOnlyCheckUser) != 0;
  decoded.rows = reader.u16();
  decoded.columns = reader.u16();
  decoded.user = reader.text();
  decoded.working_directory = reader.text();
  decoded.arguments = read_list(reader, parameters.size());
  decoded.environment = read_list(reader, parameters.size());
  if (!reader.ok() || !is_sound(decoded)) return std::nullopt;
  return decoded;
}

std::string encode_exec_answer(std::uint32_t pid) {
  std::string out;
  ByteWriter(out).u32(pid);
  return out;
}

std::optional<std::uint32_t> decode_exec_answer(std::string_view answer) {
  ByteReader reader(answer);
  const std::uint32_t pid = reader.u32();
  if (!reader.ok()) return std::nullopt;
  return pid;
}

}  // namespace sockerless::agent
