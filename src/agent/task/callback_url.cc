#include "agent/task/callback_url.h"

#include <algorithm>
#include <charconv>

#include "agent/protocol/handshake.h"

namespace sockerless::agent {

namespace {

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port > 0 && port <= 65535;
}

// Whatever could break out of the request line or the Host header.
bool is_clean(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

std::string CallbackUrl::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == (tls ? "443" : "80") ? name : name + ":" + port;
}

std::optional<CallbackUrl> parse_callback_url(std::string_view url) {
  const std::size_t separator = url.find("://");
  if (separator == std::string_view::npos || !is_clean(url)) return std::nullopt;
  const std::string_view scheme = url.substr(0, separator);
  std::string_view rest = url.substr(separator + 3);
  CallbackUrl parsed;
  if (scheme == "https" || scheme == "wss") {
    parsed.tls = true;
  } else if (scheme != "http" && scheme != "ws") {
    return std::nullopt;
  }
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  std::string_view authority = rest.substr(0, slash);
  const std::string_view path = rest.substr(slash);
  parsed.path = path.empty() || path == "/" ? kConnectPath : path;
  if (rest.find('#') != std::string_view::npos || authority.find_first_of("@?") != std::string_view::npos) {
    return std::nullopt;
  }
  std::string_view port = parsed.tls ? "443" : "80";
  const std::size_t bracket = authority.starts_with('[') ? authority.find(']') : 0;
  if (bracket == std::string_view::npos) return std::nullopt;
  if (const std::size_t colon = authority.find(':', bracket); colon != std::string_view::npos) {
    port = authority.substr(colon + 1);
    authority = authority.substr(0, colon);
  }
  if (bracket > 0) {
    if (authority.size() != bracket + 1) return std::nullopt;
    authority = authority.substr(1, bracket - 1);
  }
  if (authority.empty() || !is_port(port)) return std::nullopt;
  parsed.host = authority;
  parsed.port = port;
  return parsed;
}

}  // namespace sockerless::agent
