#include "agent/task/hosts_file.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "agent/task/error_text.h"
#include "agent/task/file_descriptor.h"

namespace sockerless::agent {

namespace {

constexpr const char* kPath = "/etc/hosts";
constexpr std::string_view kBegin = "# begin: names of peers, written by sockerless\n";
constexpr std::string_view kEnd = "# end: names of peers\n";
constexpr std::uint32_t kLinkLocal = 0xA9FE0000;  // 169.254.0.0/16

bool read_all(int fd, std::string& content) {
  char buffer[4096];
  for (;;) {
    const ssize_t size = read(fd, buffer, sizeof buffer);
    if (size == 0) return true;
    if (size < 0) return false;
    content.append(buffer, static_cast<std::size_t>(size));
  }
}

// In place: the file is a mount, which cannot be replaced. The longer of both is there at any time but for its end.
bool write_all(int fd, std::string_view content) {
  std::size_t written = 0;
  while (written < content.size()) {
    const ssize_t size = pwrite(fd, content.data() + written, content.size() - written, static_cast<off_t>(written));
    if (size < 0) return false;
    written += static_cast<std::size_t>(size);
  }
  return ftruncate(fd, static_cast<off_t>(content.size())) == 0;
}

// 0, or the error number.
int rewrite(const HostsParameters& parameters, std::string_view address) {
  const FileDescriptor file(open(kPath, O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  std::string content;
  if (!file || !read_all(file.get(), content)) return errno;
  return write_all(file.get(), with_hosts_block(content, parameters, address)) ? 0 : errno;
}

}  // namespace

std::string with_hosts_block(std::string_view file, const HostsParameters& parameters, std::string_view own_address) {
  const std::size_t begin = std::min(file.find(kBegin), file.size());
  const std::size_t end = file.find(kEnd, begin);
  std::string out(file.substr(0, begin));
  if (!out.empty() && out.back() != '\n') out += '\n';
  out += kBegin;
  for (const HostsLine& line : parameters.lines) {
    const std::string_view address = line.address.empty() ? own_address : std::string_view(line.address);
    if (address.empty()) continue;
    out += address;
    for (const std::string& name : line.names) (out += ' ') += name;
    out += '\n';
  }
  out += kEnd;
  if (end != std::string_view::npos) out += file.substr(end + kEnd.size());
  return out;
}

std::string own_address() {
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return "";
  std::string found;
  for (const ifaddrs* each = all; each != nullptr && found.empty(); each = each->ifa_next) {
    if (each->ifa_addr == nullptr || each->ifa_addr->sa_family != AF_INET || (each->ifa_flags & IFF_LOOPBACK) != 0) {
      continue;
    }
    const auto* address = reinterpret_cast<const sockaddr_in*>(each->ifa_addr);
    if ((ntohl(address->sin_addr.s_addr) & 0xFFFF0000) == kLinkLocal) continue;
    char text[INET_ADDRSTRLEN] = {};
    if (inet_ntop(AF_INET, &address->sin_addr, text, sizeof text) != nullptr) found = text;
  }
  freeifaddrs(all);
  return found;
}

void answer_hosts(SessionPort& port, const HostsParameters& parameters) {
  const std::string address = own_address();
  const int error = rewrite(parameters, address);
  if (error != 0) {
    port.fail(error, std::string("cannot write ") + kPath + ": " + error_text(error));
    return;
  }
  port.opened(address);
  port.close(0);
}

}  // namespace sockerless::agent
