#include "agent/protocol/hosts.h"

#include <algorithm>

#include "agent/protocol/bytes.h"

namespace sockerless::agent {

namespace {

constexpr std::size_t kLongestWord = 255;

}  // namespace

bool is_hosts_word(std::string_view text) {
  const auto is_plain = [](char c) { return static_cast<unsigned char>(c) > ' ' && c != '#' && c != '\x7f'; };
  return !text.empty() && text.size() <= kLongestWord && std::all_of(text.begin(), text.end(), is_plain);
}

std::string encode(const HostsParameters& parameters) {
  std::string out;
  ByteWriter writer(out);
  writer.u32(static_cast<std::uint32_t>(parameters.lines.size()));
  for (const HostsLine& line : parameters.lines) {
    writer.text(line.address);
    writer.u32(static_cast<std::uint32_t>(line.names.size()));
    for (const std::string& name : line.names) writer.text(name);
  }
  return out;
}

// The counts are not believed: reading stops at the first text that is not there.
std::optional<HostsParameters> decode_hosts(std::string_view parameters) {
  ByteReader reader(parameters);
  HostsParameters decoded;
  const std::uint32_t lines = reader.u32();
  for (std::uint32_t i = 0; i < lines && reader.ok(); ++i) {
    HostsLine line;
    line.address = std::string(reader.text());
    const std::uint32_t names = reader.u32();
    for (std::uint32_t j = 0; j < names && reader.ok(); ++j) {
      line.names.emplace_back(reader.text());
      if (!is_hosts_word(line.names.back())) return std::nullopt;
    }
    const bool has_address = line.address.empty() || is_hosts_word(line.address);
    if (line.names.empty() || !has_address) return std::nullopt;
    decoded.lines.push_back(std::move(line));
  }
  if (!reader.ok()) return std::nullopt;
  return decoded;
}

}  // namespace sockerless::agent
