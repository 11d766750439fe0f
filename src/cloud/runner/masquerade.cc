#include "cloud/runner/masquerade.h"

#include <fmt/format.h>

#include <fstream>
#include <system_error>
#include <vector>

#include "base/log.h"
#include "cloud/runner/netlink.h"
#include "cloud/runner/process.h"

namespace sockerless::cloud {
namespace {

const Logger log("runner");

using Arguments = std::vector<std::string>;

Arguments operator+(Arguments left, const Arguments& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
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
    if (const std::string iptables = find_program("iptables"); !iptables.empty()) change_iptables(iptables, false);
    if (const std::string nft = find_program("nft"); !nft.empty()) {
      run_program({.arguments = {nft, "delete", "table", "ip", bridge_}});
    }
  } catch (const std::system_error& error) {
    log.warn("address translation is left behind", {{"bridge", bridge_}, {"error", error.what()}});
  }
}

void Masquerade::enable() {
  if (!Netlink().has_default_route()) return;
  const std::string iptables = find_program("iptables");
  const std::string nft = find_program("nft");
  if (iptables.empty() && nft.empty()) {
    log.warn("tasks reach this machine only: neither iptables nor nft is installed");
    return;
  }
  std::ofstream("/proc/sys/net/ipv4/ip_forward") << "1\n";
  if (!iptables.empty()) {
    change_iptables(iptables, true);
    return;
  }
  run_program({.arguments = {nft, "add table ip " + bridge_}});
  run_program(
      {.arguments = {nft, fmt::format("add chain ip {} post {{ type nat hook postrouting priority 100; }}", bridge_)}});
  run_program({.arguments = {nft, "flush chain ip " + bridge_ + " post"}});
  run_program({.arguments = {nft, fmt::format("add rule ip {} post ip saddr {} oifname != \"{}\" masquerade", bridge_,
                                              subnet_.text(), bridge_)}});
}

void Masquerade::change_iptables(const std::string& program, bool add) {
  const Arguments start{program, "--wait", "5"};
  struct Rule {
    Arguments table;
    std::string chain;
    Arguments match;
  };
  const Rule rules[] = {
      {{"--table", "nat"}, "POSTROUTING", {"-s", subnet_.text(), "!", "-o", bridge_, "-j", "MASQUERADE"}},
      // Where a firewall (or Docker) drops what it does not know, and filters bridges too.
      {{"--table", "filter"}, "FORWARD", {"-i", bridge_, "-j", "ACCEPT"}},
      {{"--table", "filter"}, "FORWARD", {"-o", bridge_, "-j", "ACCEPT"}},
  };
  for (const Rule& rule : rules) {
    const bool exists =
        run_program({.arguments = start + rule.table + Arguments{"--check", rule.chain} + rule.match}) == 0;
    if (exists == add) continue;
    const int code = run_program(
        {.arguments = start + rule.table + Arguments{add ? "--insert" : "--delete", rule.chain} + rule.match});
    if (code != 0)
      log.warn("iptables refuses a rule: tasks may not reach beyond this machine", {{"chain", rule.chain}});
  }
}

}  // namespace sockerless::cloud
