#include "agent/task/resolver.h"

#include <netdb.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>

#ifdef __GLIBC__
#include <nss.h>
#endif

namespace sockerless::agent {

namespace {

constexpr std::size_t kMaxAddresses = 16;

void close_all_but(int kept) {
  for (int fd = 0; fd < 1024; ++fd) {
    if (fd != kept) close(fd);
  }
}

// In the child: an error text behind a zero byte, or addresses.
[[noreturn]] void answer(const std::string& host, const std::string& port, int out) {
  // A copy of the command's pipes in here would keep them open.
  close_all_but(out);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
#ifdef __GLIBC__
  // Other modules would be shared objects of the image, made for another C library.
  __nss_configure_lookup("hosts", "files dns");
#endif
  std::string error;
  const std::vector<SocketAddress> addresses = look_up(host, port, 0, error);
  std::string text;
  if (addresses.empty()) text.append(1, '\0').append(error);
  for (const SocketAddress& address : addresses) {
    text.append(1, static_cast<char>(address.size));
    text.append(reinterpret_cast<const char*>(&address.storage), address.size);
  }
  const ssize_t written = write(out, text.data(), text.size());
  _exit(written == static_cast<ssize_t>(text.size()) ? 0 : 1);
}

std::vector<SocketAddress> parse_answer(std::string_view text, std::string& error) {
  std::vector<SocketAddress> addresses;
  if (text.empty()) error = "the resolver ended without an answer";
  while (!text.empty()) {
    const auto size = static_cast<unsigned char>(text[0]);
    text.remove_prefix(1);
    if (size == 0) {
      error = text;
      break;
    }
    SocketAddress address;
    if (size > text.size() || size > sizeof address.storage) break;
    std::memcpy(&address.storage, text.data(), size);
    address.size = size;
    addresses.push_back(address);
    text.remove_prefix(size);
  }
  return addresses;
}

}  // namespace

std::vector<SocketAddress> look_up(const std::string& host, const std::string& port, int flags, std::string& error) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int result = getaddrinfo(host.empty() ? nullptr : host.c_str(), port.c_str(), &hints, &found);
  if (result != 0) {
    error = "look up of " + host + ": " + gai_strerror(result);
    return {};
  }
  std::vector<SocketAddress> addresses;
  for (const addrinfo* entry = found; entry != nullptr && addresses.size() < kMaxAddresses; entry = entry->ai_next) {
    SocketAddress address;
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.size = entry->ai_addrlen;
    addresses.push_back(address);
  }
  freeaddrinfo(found);
  return addresses;
}

void Resolver::resolve(const std::string& host, const std::string& port, Done done) {
  cancel();
  std::string error;
  std::vector<SocketAddress> addresses = look_up(host, port, AI_NUMERICHOST, error);
  if (!addresses.empty()) {
    done(std::move(addresses), {});
    return;
  }
  int ends[2] = {-1, -1};
  if (pipe2(ends, O_CLOEXEC) != 0) {
    done({}, strerror(errno));
    return;
  }
  answer_ = FileDescriptor(ends[0]);
  FileDescriptor out(ends[1]);
  child_ = fork();
  if (child_ == 0) answer(host, port, out.get());
  if (child_ < 0) {
    answer_.reset();
    done({}, strerror(errno));
    return;
  }
  done_ = std::move(done);
  received_.clear();
  loop_.watch(answer_.get(), EPOLLIN, [this](std::uint32_t) { collect(); });
}

void Resolver::collect() {
  std::array<char, 4096> buffer;
  const ssize_t count = read(answer_.get(), buffer.data(), buffer.size());
  if (count > 0) {
    received_.append(buffer.data(), static_cast<std::size_t>(count));
    return;
  }
  child_ = -1;  // it has ended, and the agent reaps all children
  const Done done = std::move(done_);
  cancel();
  std::string error;
  std::vector<SocketAddress> addresses = parse_answer(received_, error);
  done(std::move(addresses), std::move(error));
}

void Resolver::cancel() {
  if (answer_) loop_.forget(answer_.get());
  answer_.reset();
  if (child_ > 0) kill(child_, SIGKILL);
  child_ = -1;
}

}  // namespace sockerless::agent
