#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sockerless::agent {

// A line of /etc/hosts; without an address it is that of the task.
struct HostsLine {
  std::string address;
  std::vector<std::string> names;
};

// Whether the text can be an address or a name there: no space, no control character, no sign of a comment, 255 bytes
// at most.
bool is_hosts_word(std::string_view text);

// What the daemon's block of /etc/hosts is to hold.
struct HostsParameters {
  std::vector<HostsLine> lines;
};

std::string encode(const HostsParameters& parameters);

// Nothing if they are malformed, or if an address or a name could not stand in such a file.
std::optional<HostsParameters> decode_hosts(std::string_view parameters);

}  // namespace sockerless::agent
