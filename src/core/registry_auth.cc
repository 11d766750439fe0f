#include "core/registry_auth.h"

#include <fmt/format.h>

#include "base/base64.h"
#include "base/error.h"
#include "base/json.h"

namespace sockerless::core {
namespace {

// The object in the header, as docker login stores it.
struct AuthConfig {
  std::string username;
  std::string password;
  std::string auth;  // "user:password" in base64, instead of the two
  std::string identity_token;
  std::string registry_token;
  std::string server_address;

  static constexpr auto fields() {
    return std::tuple{json::field("username", &AuthConfig::username),
                      json::field("password", &AuthConfig::password),
                      json::field("auth", &AuthConfig::auth),
                      json::field("identitytoken", &AuthConfig::identity_token),
                      json::field("registrytoken", &AuthConfig::registry_token),
                      json::field("serveraddress", &AuthConfig::server_address)};
  }
};

Error invalid(std::string_view why) {
  return {ErrorKind::invalid_argument, fmt::format("invalid X-Registry-Auth header: {}", why)};
}

AuthConfig parse(std::string_view header) {
  const auto text = base64_decode(header);
  if (!text) throw invalid("not base64");
  try {
    return json::parse<AuthConfig>(*text);
  } catch (const Error& error) {
    throw invalid(error.what());
  }
}

}  // namespace

bool RegistryAuth::is_anonymous() const { return username.empty() && identity_token.empty() && registry_token.empty(); }

RegistryAuth decode_registry_auth(std::string_view header) {
  if (header.empty()) return {};
  AuthConfig config = parse(header);
  if (config.username.empty() && !config.auth.empty()) {
    const auto pair = base64_decode(config.auth);
    const auto colon = pair ? pair->find(':') : std::string::npos;
    if (colon == std::string::npos) throw invalid("\"auth\" is not a user name and a password");
    config.username = pair->substr(0, colon);
    config.password = pair->substr(colon + 1);
  }
  return {.username = std::move(config.username),
          .password = Secret(std::move(config.password)),
          .identity_token = Secret(std::move(config.identity_token)),
          .registry_token = Secret(std::move(config.registry_token)),
          .server_address = std::move(config.server_address)};
}

}  // namespace sockerless::core
