#include "agent/task/mounts.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "agent/task/file_descriptor.h"

namespace sockerless::agent {

namespace {

constexpr int kMountPointField = 4;

bool is_octal(char c) { return c >= '0' && c <= '7'; }

// The kernel writes blanks and backslashes as \ooo.
std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = text[i] == '\\' && i + 3 < text.size() && is_octal(text[i + 1]) && is_octal(text[i + 2]) &&
                           is_octal(text[i + 3]);
    if (!is_escape) {
      out += text[i];
      continue;
    }
    out += static_cast<char>((text[i + 1] - '0') << 6 | (text[i + 2] - '0') << 3 | (text[i + 3] - '0'));
    i += 3;
  }
  return out;
}

std::string_view field(std::string_view line, int number) {
  for (int i = 0; i < number; ++i) line.remove_prefix(std::min(line.size(), line.find(' ') + 1));
  return line.substr(0, line.find(' '));
}

}  // namespace

// The files in /etc are mounts of the container runtime's, or the agent's own.
Mounts::Mounts(std::string_view mountinfo)
    : points_({"/proc", "/sys", "/dev", "/etc/hostname", "/etc/hosts", "/etc/resolv.conf"}) {
  while (!mountinfo.empty()) {
    const std::string_view line = mountinfo.substr(0, mountinfo.find('\n'));
    mountinfo.remove_prefix(std::min(mountinfo.size(), line.size() + 1));
    std::string point = unescape(field(line, kMountPointField));
    if (point.size() > 1 && point.front() == '/') points_.insert(std::move(point));
  }
}

Mounts Mounts::of_container() {
  std::string text;
  const FileDescriptor file(open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
  std::array<char, 4096> buffer;
  for (ssize_t count = 0; file && (count = read(file.get(), buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return Mounts(text);
}

bool Mounts::is_foreign(std::string_view path) const {
  return is_mount(path) || path == kAgentFolder || (path.starts_with(kAgentFolder) && path[kAgentFolder.size()] == '/');
}

}  // namespace sockerless::agent
