#include "cloud/runner/masquerade.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <sstream>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/log.h"
#include "cloud/runner/bridge.h"
#include "cloud/runner/netlink.h"
#include "cloud/runner/process.h"

namespace sockerless::cloud {
namespace {

const Logger log("runner");

using Words = std::vector<std::string>;

struct Chain {
  const char* table;
  const char* name;
};
constexpr Chain kTranslation{"nat", "POSTROUTING"};
constexpr Chain kForwarding{"filter", "FORWARD"};

Words split(const std::string& line) {
  std::istringstream stream(line);
  Words words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

// `change` as iptables prints rules: "-A FORWARD -i skl0a1b2c3d -j ACCEPT".
Command iptables(const char* table, const Words& change) {
  Command command{.arguments = {"iptables", "--wait", "5", "--table", table}};
  command.arguments.insert(command.arguments.end(), change.begin(), change.end());
  return command;
}

void add_rule(const Chain& chain, const std::string& rule) {
  // At the start: a firewall's "drop the rest" may be at the end.
  if (run_program(iptables(chain.table, split(fmt::format("-I {} {}", chain.name, rule)))) != 0) {
    log.warn("iptables refuses a rule, tasks may not reach beyond this machine", {{"rule", rule}});
  }
}

// Removes the rules for bridges of clouds that `is_unwanted` is true for.
void remove_rules(const std::function<bool(const std::string& bridge)>& is_unwanted) {
  for (const Chain& chain : {kTranslation, kForwarding}) {
    std::istringstream rules(read_output(iptables(chain.table, {"-S", chain.name})));
    for (std::string rule; std::getline(rules, rule);) {
      Words words = split(rule);
      const auto bridge = std::find_if(words.begin(), words.end(), is_bridge_name);
      if (bridge == words.end() || words.front() != "-A" || !is_unwanted(*bridge)) continue;
      words.front() = "-D";
      run_program(iptables(chain.table, words));
    }
  }
}

}  // namespace

Masquerade::Masquerade(std::string bridge, Subnet subnet)
    : bridge_(std::move(bridge)), subnet_(subnet), worker_([this] {
        try {
          enable();
        } catch (const std::system_error& error) {
          log.warn("tasks reach this machine only", {{"error", error.what()}});
        }
      }) {}

Masquerade::~Masquerade() {
  worker_.join();
  try {
    if (!find_program("iptables").empty()) {
      remove_rules([&](const std::string& bridge) { return bridge == bridge_; });
    } else if (const std::string nft = find_program("nft"); !nft.empty()) {
      run_program({.arguments = {nft, "delete", "table", "ip", bridge_}});
    }
  } catch (const std::system_error& error) {
    log.warn("address translation is left behind", {{"bridge", bridge_}, {"error", error.what()}});
  }
}

void Masquerade::enable() {
  Netlink netlink;
  if (!netlink.has_default_route()) return;
  const bool has_iptables = !find_program("iptables").empty();
  const std::string nft = find_program("nft");
  if (!has_iptables && nft.empty()) {
    log.warn("tasks reach this machine only: neither iptables nor nft is installed");
    return;
  }
  std::ofstream("/proc/sys/net/ipv4/ip_forward") << "1\n";
  if (has_iptables) {
    add_iptables_rules();
  } else {
    add_nft_rules(nft);
  }
}

void Masquerade::add_iptables_rules() {
  Netlink netlink;
  // Its own are of an earlier process, which may have had another subnet.
  remove_rules([&](const std::string& bridge) { return bridge == bridge_ || netlink.find_link(bridge) == 0; });
  add_rule(kTranslation, fmt::format("-s {} ! -o {} -j MASQUERADE", subnet_.text(), bridge_));
  // Where a firewall (or Docker) drops what it does not know, and filters bridges too.
  add_rule(kForwarding, fmt::format("-i {} -j ACCEPT", bridge_));
  add_rule(kForwarding, fmt::format("-o {} -j ACCEPT", bridge_));
}

void Masquerade::add_nft_rules(const std::string& nft) {
  const std::string rules[] = {
      "add table ip " + bridge_,
      fmt::format("add chain ip {} post {{ type nat hook postrouting priority 100; }}", bridge_),
      fmt::format("flush chain ip {} post", bridge_),
      fmt::format("add rule ip {} post ip saddr {} oifname != \"{}\" masquerade", bridge_, subnet_.text(), bridge_)};
  for (const std::string& rule : rules) {
    if (run_program({.arguments = {nft, rule}}) == 0) continue;
    log.warn("nft refuses a rule, tasks may not reach beyond this machine", {{"rule", rule}});
  }
}

}  // namespace sockerless::cloud
