#include "daemon/listeners.h"

#include <fmt/format.h>

#include <boost/asio/ip/address.hpp>

#include <charconv>

#include "base/error.h"
#include "daemon/systemd.h"

namespace sockerless::daemon {
namespace {

constexpr std::string_view kConnectPath = "/internal/v1/agent/connect";

Awaitable<void> answer(agent::Hub& hub, http::Exchange& exchange) {
  if (exchange.method() == "GET" && exchange.target().path() == kConnectPath) {
    co_await hub.accept(exchange);
  } else {
    exchange.reply_text(http::Status::not_found, "text/plain", "page not found\n");
  }
}

constexpr int kFirstInherited = 3;

bool is_tcp(const std::string& address) { return !address.starts_with("unix://") && !address.starts_with("fd://"); }

bool is_loopback(const std::string& address) {
  const std::string_view text = address;
  const auto [host, port] = http::split_host_port(text.starts_with("tcp://") ? text.substr(6) : text);
  if (host == "localhost") return true;
  boost::system::error_code not_an_address;
  return asio::ip::make_address(host, not_an_address).is_loopback();
}

std::optional<unsigned> parse_mode(const std::string& text) {
  unsigned mode = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  if (error != std::errc{} || end != text.data() + text.size() || mode > 0777) return std::nullopt;
  return mode;
}

std::string problem_of_address(const DaemonOptions& options, const std::string& address) {
  if (!is_tcp(address)) return "";
  try {
    if (is_loopback(address) || !options.tls_ca().empty() || options.insecure_tcp()) return "";
  } catch (const Error& error) {
    return fmt::format("--listen: {}\n", error.what());
  }
  return fmt::format(
      "--listen: {} can be reached from other machines, and whoever reaches it runs containers on your account; give "
      "--tls-cert, --tls-key and --tls-ca, or say --insecure-tcp\n",
      address);
}

}  // namespace

std::string find_listener_problems(const DaemonOptions& options) {
  std::string problems;
  if (options.tls_cert().empty() != options.tls_key().empty()) {
    problems += "--tls-cert, --tls-key: each needs the other\n";
  }
  if (!options.tls_ca().empty() && options.tls_cert().empty()) {
    problems += "--tls-ca: needs --tls-cert and --tls-key\n";
  }
  if (!parse_mode(options.socket_mode())) {
    problems += fmt::format("--socket-mode: \"{}\" is no octal mode such as 0660\n", options.socket_mode());
  }
  for (const std::string& address : options.listen()) problems += problem_of_address(options, address);
  return problems;
}

ApiListeners::ApiListeners(const DaemonOptions& options) : options_(options) {
  if (options.tls_cert().empty()) return;
  tls_ = std::make_shared<http::TlsServer>(http::TlsFiles{
      .certificate = options.tls_cert(), .key = options.tls_key(), .client_authorities = options.tls_ca()});
}

std::vector<std::unique_ptr<http::Listener>> ApiListeners::open(Executor executor) {
  std::vector<std::unique_ptr<http::Listener>> listeners;
  for (const std::string& address : options_.listen()) {
    if (address != "fd://") {
      listeners.push_back(open_one(executor, address));
      continue;
    }
    const int count = inherited_sockets();
    if (count == 0) {
      throw Error(ErrorKind::invalid_argument, "--listen: fd:// needs sockets from systemd, and none were passed");
    }
    for (int at = 0; at < count; ++at) {
      listeners.push_back(open_one(executor, fmt::format("fd://{}", kFirstInherited + at)));
    }
  }
  return listeners;
}

std::unique_ptr<http::Listener> ApiListeners::open_one(Executor executor, const std::string& address) const {
  auto listener = std::make_unique<http::Listener>(executor, address);
  listener->set_permissions(options_.socket_group(), parse_mode(options_.socket_mode()).value_or(0));
  if (listener->port() != 0 && tls_) listener->use_tls(tls_);
  return listener;
}

void ApiListeners::reload() {
  if (tls_) tls_->reload();
}

http::Handler callback_handler(agent::Hub& hub) {
  return [&hub](http::Exchange& exchange) { return answer(hub, exchange); };
}

}  // namespace sockerless::daemon
