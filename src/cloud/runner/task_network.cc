#include "cloud/runner/task_network.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>

#include <cerrno>
#include <exception>
#include <filesystem>
#include <optional>
#include <system_error>
#include <thread>

#include "base/log.h"
#include "cloud/runner/netlink.h"
#include "cloud/runner/overlay.h"

namespace sockerless::cloud {
namespace {

const Logger log("runner");

namespace fs = std::filesystem;

constexpr int kLoopbackIndex = 1;

// What remains usable of a namespace from outside.
struct Namespace {
  Descriptor handle;
  std::optional<Netlink> netlink;
};

// Leaves the thread in the new namespace.
Namespace enter_new_namespace(const std::string& mount_point) {
  if (::unshare(CLONE_NEWNET) < 0)
    throw std::system_error(errno, std::generic_category(), "cannot make a network namespace");
  Namespace made;
  made.handle.reset(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  const Descriptor file(::open(mount_point.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0600));
  if (!made.handle.is_open() || !file.is_open() ||
      ::mount("/proc/thread-self/ns/net", mount_point.c_str(), nullptr, MS_BIND, nullptr) < 0) {
    throw std::system_error(errno, std::generic_category(), "cannot keep a network namespace in " + mount_point);
  }
  made.netlink.emplace();
  return made;
}

// In a thread that ends with it, so that no thread of the pool is ever in a wrong namespace.
Namespace make_namespace(const std::string& mount_point) {
  Namespace made;
  std::exception_ptr failure;
  std::thread([&] {
    try {
      made = enter_new_namespace(mount_point);
    } catch (...) {
      failure = std::current_exception();  // to the thread that waits
    }
  }).join();
  if (failure) std::rethrow_exception(failure);
  return made;
}

}  // namespace

Network TaskNetworks::reserve(const std::string& task_id) {
  const std::uint32_t last_host = bridge_.subnet().size() - 1;
  // In turn, so that an address rests before it means another task.
  for (std::uint32_t i = 0; i < last_host; ++i) {
    last_ = last_ >= last_host ? 2 : last_ + 1;
    if (!used_.insert(last_).second) continue;
    const std::uint32_t address = bridge_.subnet().address + last_;
    // The interface is named by a number, as an old one goes only some time after its task.
    return {.task_id = task_id,
            .namespace_path = fmt::format("{}/{}/ns", folder_, task_id),
            .address = format_address(address),
            .gateway = format_address(bridge_.gateway()),
            .prefix_length = bridge_.subnet().prefix_length,
            .mac_address = mac_address_of(address),
            .host_interface = fmt::format("s{}{:05x}", bridge_.name().substr(3), interfaces_++ & 0xfffff)};
  }
  throw Error(ErrorKind::unavailable, fmt::format("no free address in {}", bridge_.subnet().text()));
}

void TaskNetworks::release(const Network& network) {
  used_.erase(parse_address(network.address) - bridge_.subnet().address);
}

void TaskNetworks::build(const Network& network) {
  fs::create_directories(fs::path(network.namespace_path).parent_path());
  try {
    connect(network);
  } catch (...) {
    tear_down(network);
    throw;
  }
}

void set_port(const Network& network, bool is_up) {
  Netlink netlink;
  const int port = netlink.find_link(network.host_interface);
  if (port == 0) throw Error(ErrorKind::not_found, fmt::format("task {} has no network", network.task_id));
  is_up ? netlink.set_up(port) : netlink.set_down(port);
}

void TaskNetworks::connect(const Network& network) {
  Namespace inside = make_namespace(network.namespace_path);
  Netlink().add_veth({.name = network.host_interface,
                      .bridge = bridge_.index(),
                      .peer_name = "eth0",
                      .peer_mac_address = network.mac_address,
                      .peer_namespace = inside.handle.get()});
  Netlink& netlink = *inside.netlink;
  const int interface = netlink.find_link("eth0");
  netlink.set_up(kLoopbackIndex);
  netlink.add_address(interface, parse_address(network.address), network.prefix_length);
  netlink.set_up(interface);
  netlink.add_default_route(bridge_.gateway());
  if (service_address_ != 0) netlink.add_link_route(interface, service_address_);
}

// The kernel removes the interfaces with their namespace, in its own time: waiting for it would
// hold up the networks of other tasks.
void TaskNetworks::tear_down(const Network& network) {
  unmount(network.namespace_path);
  std::error_code error;
  fs::remove_all(fs::path(network.namespace_path).parent_path(), error);
  if (error) log.warn("network is left behind", {{"task", network.task_id}, {"error", error.message()}});
}

}  // namespace sockerless::cloud
