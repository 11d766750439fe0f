#include "cloud/runner/service_socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>

#include <cerrno>
#include <exception>
#include <system_error>
#include <thread>

#include "cloud/runner/netlink.h"

namespace sockerless::cloud {
namespace {

constexpr int kWholeAddress = 32;

std::system_error failure(const std::string& what) { return {errno, std::generic_category(), what}; }

// The thread is in the network's namespace from then on.
Descriptor enter_and_listen(const Network& network, std::uint32_t address, int port) {
  const Descriptor name_space(::open(network.namespace_path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!name_space.is_open() || ::setns(name_space.get(), CLONE_NEWNET) < 0) {
    throw failure("cannot enter " + network.namespace_path);
  }
  Netlink netlink;
  netlink.add_address(netlink.find_link("eth0"), address, kWholeAddress);
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_addr.s_addr = htonl(address);
  place.sin_port = htons(static_cast<std::uint16_t>(port));
  if (!socket.is_open() || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) < 0 ||
      ::listen(socket.get(), SOMAXCONN) < 0) {
    throw failure("cannot listen for tasks on " + format_address(address));
  }
  return socket;
}

}  // namespace

Descriptor listen_in(const Network& network, std::uint32_t address, int port) {
  Descriptor socket;
  std::exception_ptr failed;
  std::thread([&] {
    try {
      socket = enter_and_listen(network, address, port);
    } catch (...) {
      failed = std::current_exception();  // to the thread that waits
    }
  }).join();
  if (failed) std::rethrow_exception(failed);
  return socket;
}

}  // namespace sockerless::cloud
