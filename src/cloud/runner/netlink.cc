#include "cloud/runner/netlink.h"

#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

namespace sockerless::cloud {
namespace {

constexpr std::size_t kMessageSize = 1024;
constexpr std::size_t kLongestNote = 256;  // the kernel's IFALIASZ
constexpr std::size_t kAnswerSize = 64 * 1024;

std::system_error failure(int error, const std::string& what) {
  return std::system_error(error, std::generic_category(), what);
}

std::array<unsigned char, 6> parse_mac(const std::string& text) {
  std::array<unsigned char, 6> mac{};
  std::sscanf(text.c_str(), "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1], &mac[2], &mac[3], &mac[4], &mac[5]);
  return mac;
}

// Calls `each(type, data)` for the attributes behind a message's fixed part.
template <typename Fixed, typename Each>
void for_each_attribute(const nlmsghdr& message, Each each) {
  const auto* fixed = static_cast<const char*>(NLMSG_DATA(&message));
  auto left = static_cast<int>(message.nlmsg_len - NLMSG_LENGTH(sizeof(Fixed)));
  for (const auto* at = reinterpret_cast<const rtattr*>(fixed + NLMSG_ALIGN(sizeof(Fixed))); RTA_OK(at, left);
       at = RTA_NEXT(at, left)) {
    each(at->rta_type, static_cast<const char*>(RTA_DATA(at)));
  }
}

std::uint32_t read_number(const char* data) {
  std::uint32_t number = 0;
  std::memcpy(&number, data, sizeof number);
  return number;
}

}  // namespace

// A request in the making: the fixed part, then attributes, which may nest.
class Netlink::Message {
 public:
  Message(int type, int flags) {
    header().nlmsg_len = NLMSG_LENGTH(0);
    header().nlmsg_type = static_cast<__u16>(type);
    header().nlmsg_flags = static_cast<__u16>(NLM_F_REQUEST | NLM_F_ACK | flags);
  }

  nlmsghdr& header() { return *reinterpret_cast<nlmsghdr*>(bytes_.data()); }

  template <typename Fixed>
  void add_fixed(const Fixed& fixed) {
    std::memcpy(end(), &fixed, sizeof fixed);
    header().nlmsg_len += NLMSG_ALIGN(sizeof fixed);
  }

  void add(int type, const void* data, std::size_t size) {
    auto* attribute = reinterpret_cast<rtattr*>(end());
    attribute->rta_type = static_cast<unsigned short>(type);
    attribute->rta_len = static_cast<unsigned short>(RTA_LENGTH(size));
    if (size > 0) std::memcpy(RTA_DATA(attribute), data, size);
    header().nlmsg_len += RTA_ALIGN(attribute->rta_len);
  }
  void add(int type, const std::string& text) { add(type, text.c_str(), text.size() + 1); }
  void add(int type, std::uint32_t number) { add(type, &number, sizeof number); }

  std::size_t begin_nested(int type) {
    const std::size_t at = header().nlmsg_len;
    add(type, nullptr, 0);
    return at;
  }
  void end_nested(std::size_t at) {
    reinterpret_cast<rtattr*>(bytes_.data() + at)->rta_len = static_cast<unsigned short>(header().nlmsg_len - at);
  }

 private:
  char* end() { return bytes_.data() + header().nlmsg_len; }

  alignas(nlmsghdr) std::array<char, kMessageSize> bytes_{};
};

Netlink::Netlink() : socket_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)) {
  if (!socket_.is_open()) throw failure(errno, "cannot open a netlink socket");
}

void Netlink::request(Message& message, const std::string& what) {
  nlmsghdr& header = message.header();
  header.nlmsg_seq = ++sequence_;
  if (::send(socket_.get(), &header, header.nlmsg_len, 0) < 0) throw failure(errno, what);
  alignas(nlmsghdr) std::array<char, 4096> answer;
  for (;;) {
    const auto received = ::recv(socket_.get(), answer.data(), answer.size(), 0);
    if (received < 0 && errno == EINTR) continue;
    if (received < 0) throw failure(errno, what);
    const auto& reply = *reinterpret_cast<const nlmsghdr*>(answer.data());
    if (reply.nlmsg_seq != sequence_ || reply.nlmsg_type != NLMSG_ERROR) continue;
    const int error = static_cast<const nlmsgerr*>(NLMSG_DATA(&reply))->error;
    if (error != 0) throw failure(-error, what);
    return;
  }
}

template <typename Each>
void Netlink::dump(int type, int family, Each each) {
  struct {
    nlmsghdr header;
    rtgenmsg general;
  } request{};
  request.header.nlmsg_len = NLMSG_LENGTH(sizeof(rtgenmsg));
  request.header.nlmsg_type = static_cast<__u16>(type);
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.header.nlmsg_seq = ++sequence_;
  request.general.rtgen_family = static_cast<unsigned char>(family);
  if (::send(socket_.get(), &request, request.header.nlmsg_len, 0) < 0) throw failure(errno, "cannot ask for networks");
  std::vector<char> answer(kAnswerSize);
  for (;;) {
    const auto received = ::recv(socket_.get(), answer.data(), answer.size(), 0);
    if (received < 0 && errno == EINTR) continue;
    if (received < 0) throw failure(errno, "cannot list networks");
    auto left = static_cast<unsigned>(received);
    for (auto* message = reinterpret_cast<nlmsghdr*>(answer.data()); NLMSG_OK(message, left);
         message = NLMSG_NEXT(message, left)) {
      if (message->nlmsg_seq != sequence_) continue;
      if (message->nlmsg_type == NLMSG_DONE) return;
      if (message->nlmsg_type == NLMSG_ERROR) {
        throw failure(-static_cast<const nlmsgerr*>(NLMSG_DATA(message))->error, "cannot list networks");
      }
      each(*message);
    }
  }
}

std::vector<Netlink::Link> Netlink::links() {
  std::vector<Link> found;
  dump(RTM_GETLINK, AF_UNSPEC, [&](const nlmsghdr& message) {
    Link link;
    link.index = static_cast<const ifinfomsg*>(NLMSG_DATA(&message))->ifi_index;
    for_each_attribute<ifinfomsg>(message, [&](int type, const char* data) {
      if (type == IFLA_IFNAME) link.name = data;
      if (type == IFLA_IFALIAS) link.note = data;
      if (type == IFLA_MASTER) link.master = static_cast<int>(read_number(data));
    });
    found.push_back(std::move(link));
  });
  return found;
}

int Netlink::find_link(const std::string& name) {
  for (const Link& link : links()) {
    if (link.name == name) return link.index;
  }
  return 0;
}

void Netlink::add_bridge(const std::string& name, const std::string& mac_address, const std::string& note) {
  Message message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  ifinfomsg link{};
  link.ifi_flags = IFF_UP;
  link.ifi_change = IFF_UP;
  message.add_fixed(link);
  message.add(IFLA_IFNAME, name);
  const auto mac = parse_mac(mac_address);
  message.add(IFLA_ADDRESS, mac.data(), mac.size());
  const auto info = message.begin_nested(IFLA_LINKINFO);
  message.add(IFLA_INFO_KIND, std::string("bridge"));
  message.end_nested(info);
  request(message, "cannot add the bridge " + name);
  if (note.size() >= kLongestNote) return;
  // The kernel heeds this attribute in a change only.
  Message change(RTM_NEWLINK, 0);
  ifinfomsg changed{};
  changed.ifi_index = find_link(name);
  change.add_fixed(changed);
  change.add(IFLA_IFALIAS, note);
  request(change, "cannot note the folder of the bridge " + name);
}

void Netlink::add_veth(const Veth& veth) {
  Message message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  ifinfomsg link{};
  link.ifi_flags = IFF_UP;
  link.ifi_change = IFF_UP;
  message.add_fixed(link);
  message.add(IFLA_IFNAME, veth.name);
  message.add(IFLA_MASTER, static_cast<std::uint32_t>(veth.bridge));
  const auto info = message.begin_nested(IFLA_LINKINFO);
  message.add(IFLA_INFO_KIND, std::string("veth"));
  const auto data = message.begin_nested(IFLA_INFO_DATA);
  const auto peer = message.begin_nested(VETH_INFO_PEER);
  message.add_fixed(ifinfomsg{});
  message.add(IFLA_IFNAME, veth.peer_name);
  const auto mac = parse_mac(veth.peer_mac_address);
  message.add(IFLA_ADDRESS, mac.data(), mac.size());
  message.add(IFLA_NET_NS_FD, static_cast<std::uint32_t>(veth.peer_namespace));
  message.end_nested(peer);
  message.end_nested(data);
  message.end_nested(info);
  request(message, "cannot add the interface " + veth.name);
}

void Netlink::set_up(int link) {
  Message message(RTM_NEWLINK, 0);
  ifinfomsg info{};
  info.ifi_index = link;
  info.ifi_flags = IFF_UP;
  info.ifi_change = IFF_UP;
  message.add_fixed(info);
  request(message, "cannot set an interface up");
}

void Netlink::set_down(int link) {
  Message message(RTM_NEWLINK, 0);
  ifinfomsg info{};
  info.ifi_index = link;
  info.ifi_change = IFF_UP;
  message.add_fixed(info);
  request(message, "cannot set an interface down");
}

void Netlink::remove_link(int link) {
  Message message(RTM_DELLINK, 0);
  ifinfomsg info{};
  info.ifi_index = link;
  message.add_fixed(info);
  request(message, "cannot remove an interface");
}

void Netlink::add_address(int link, std::uint32_t address, int prefix_length) {
  Message message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
  ifaddrmsg info{};
  info.ifa_family = AF_INET;
  info.ifa_prefixlen = static_cast<unsigned char>(prefix_length);
  info.ifa_index = static_cast<unsigned>(link);
  message.add_fixed(info);
  message.add(IFA_LOCAL, htonl(address));
  message.add(IFA_ADDRESS, htonl(address));
  request(message, "cannot add the address " + format_address(address));
}

void Netlink::add_default_route(std::uint32_t gateway) {
  Message message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
  rtmsg route{};
  route.rtm_family = AF_INET;
  route.rtm_table = RT_TABLE_MAIN;
  route.rtm_protocol = RTPROT_BOOT;
  route.rtm_scope = RT_SCOPE_UNIVERSE;
  route.rtm_type = RTN_UNICAST;
  message.add_fixed(route);
  message.add(RTA_GATEWAY, htonl(gateway));
  request(message, "cannot add the default route");
}

void Netlink::add_link_route(int link, std::uint32_t address) {
  Message message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
  rtmsg route{};
  route.rtm_family = AF_INET;
  route.rtm_dst_len = 32;
  route.rtm_table = RT_TABLE_MAIN;
  route.rtm_protocol = RTPROT_BOOT;
  route.rtm_scope = RT_SCOPE_LINK;
  route.rtm_type = RTN_UNICAST;
  message.add_fixed(route);
  message.add(RTA_DST, htonl(address));
  message.add(RTA_OIF, static_cast<std::uint32_t>(link));
  request(message, "cannot add a route");
}

std::vector<Subnet> Netlink::subnets() {
  std::vector<Subnet> found;
  dump(RTM_GETADDR, AF_INET, [&](const nlmsghdr& message) {
    const int prefix_length = static_cast<const ifaddrmsg*>(NLMSG_DATA(&message))->ifa_prefixlen;
    for_each_attribute<ifaddrmsg>(message, [&](int type, const char* data) {
      if (type == IFA_ADDRESS) found.push_back({ntohl(read_number(data)), prefix_length});
    });
  });
  dump(RTM_GETROUTE, AF_INET, [&](const nlmsghdr& message) {
    const int prefix_length = static_cast<const rtmsg*>(NLMSG_DATA(&message))->rtm_dst_len;
    for_each_attribute<rtmsg>(message, [&](int type, const char* data) {
      if (type == RTA_DST) found.push_back({ntohl(read_number(data)), prefix_length});
    });
  });
  return found;
}

bool Netlink::has_default_route() {
  bool found = false;
  dump(RTM_GETROUTE, AF_INET, [&](const nlmsghdr& message) {
    const auto& route = *static_cast<const rtmsg*>(NLMSG_DATA(&message));
    if (route.rtm_dst_len == 0 && route.rtm_type == RTN_UNICAST && route.rtm_table == RT_TABLE_MAIN) found = true;
  });
  return found;
}

}  // namespace sockerless::cloud
