#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sockerless::agent {

// Where a reverse agent dials.
struct CallbackUrl {
  bool tls = false;
  std::string host;  // without the brackets of an IPv6 address
  std::string port;
  std::string path;

  // As the Host header wants it.
  std::string authority() const;
};

// http, https, ws and wss. A URL without a path means the agent's usual one. Nothing if it is no
// URL of this kind, or if it carries a user name or fragment.
std::optional<CallbackUrl> parse_callback_url(std::string_view url);

}  // namespace sockerless::agent
