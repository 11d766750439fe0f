#pragma once

#include <string>

#include "aws/client.h"

// Credentials that STS gives for a role.
namespace sockerless::aws {

struct AssumedRole {
  std::string role_arn;
  std::string session_name;  // empty: "sockerless"
  std::string external_id;
  int duration_seconds = 0;  // 0: STS's default, an hour
};

// Signed with the base's credentials.
struct RoleBase {
  http::Client& transport;
  Clock& clock;
  ClientSettings settings;
  Credentials credentials;
};

// Throw Error(forbidden) that names the role and says what STS answered.
Awaitable<Credentials> assume_role(RoleBase base, AssumedRole role);

// Unsigned: the token, read from the file anew each time, is the proof.
Awaitable<Credentials> assume_role_with_web_identity(http::Client& transport, ClientSettings settings, AssumedRole role,
                                                     std::string token_file);

}  // namespace sockerless::aws
