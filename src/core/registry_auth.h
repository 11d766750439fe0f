#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"

namespace sockerless::core {

// Credentials that a client sends along for one registry; all empty for anonymous access.
struct RegistryAuth {
  std::string username;
  Secret password;
  Secret identity_token;  // refreshes registry tokens
  Secret registry_token;  // used as it is
  std::string server_address;

  bool is_anonymous() const;
};

// Reads the X-Registry-Auth header: JSON in base64, of either alphabet; "" is anonymous. Throws
// Error(invalid_argument).
RegistryAuth decode_registry_auth(std::string_view header);

}  // namespace sockerless::core
