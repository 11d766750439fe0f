#pragma once

#include <string>
#include <tuple>

#include "base/json.h"

// What the credentials endpoint answers.
namespace sockerless::cloud::metadata {

struct Credentials {
  std::string role_arn;
  std::string access_key_id;
  std::string secret_access_key;
  std::string token;
  std::string expiration;

  static constexpr auto fields() {
    using C = Credentials;
    return std::tuple{json::field("RoleArn", &C::role_arn), json::field("AccessKeyId", &C::access_key_id),
                      json::field("SecretAccessKey", &C::secret_access_key), json::field("Token", &C::token),
                      json::field("Expiration", &C::expiration)};
  }
};

struct Failure {
  std::string code;
  std::string message;
  int status = 0;

  static constexpr auto fields() {
    return std::tuple{json::field("code", &Failure::code), json::field("message", &Failure::message),
                      json::field("HTTPErrorCode", &Failure::status)};
  }
};

}  // namespace sockerless::cloud::metadata
