#include "aws/credentials.h"

#include <fmt/format.h>

#include "base/error.h"

namespace sockerless::aws {
namespace {

constexpr const char* kAccessKey = "AWS_ACCESS_KEY_ID";
constexpr const char* kSecretKey = "AWS_SECRET_ACCESS_KEY";
constexpr const char* kSessionToken = "AWS_SESSION_TOKEN";

}  // namespace

Awaitable<Credentials> StaticCredentials::get() { co_return credentials_; }

std::optional<Credentials> EnvironmentCredentials::find() const {
  const std::string access_key = variable_of(environment_, kAccessKey);
  std::string secret_key = variable_of(environment_, kSecretKey);
  if (access_key.empty() && secret_key.empty()) return std::nullopt;
  if (access_key.empty() || secret_key.empty()) {
    throw Error(
        ErrorKind::forbidden,
        fmt::format("incomplete AWS credentials in the environment: {} is set but {} is not",
                    access_key.empty() ? kSecretKey : kAccessKey, access_key.empty() ? kAccessKey : kSecretKey));
  }
  return Credentials{.access_key_id = access_key,
                     .secret_access_key = Secret(std::move(secret_key)),
                     .session_token = Secret(variable_of(environment_, kSessionToken)),
                     .source = fmt::format("the environment ({}, {})", kAccessKey, kSecretKey)};
}

Awaitable<Credentials> EnvironmentCredentials::get() {
  auto found = find();
  if (!found) {
    throw Error(ErrorKind::forbidden,
                fmt::format("no AWS credentials: set {} and {} in the daemon's environment", kAccessKey, kSecretKey));
  }
  co_return std::move(*found);
}

}  // namespace sockerless::aws
