#pragma once

#include "aws/credentials.h"
#include "aws/endpoints.h"
#include "base/clock.h"
#include "http/client.h"

namespace sockerless::aws {

// A profile of IAM Identity Center: `aws sso login` leaves a token, the portal gives a role's keys for it.
struct SsoProfile {
  std::string session;  // of an [sso-session]; empty for one that has all in the profile
  std::string start_url;
  std::string region;
  std::string account_id;
  std::string role_name;
};

// `folder` is ~/.aws. A token that is about to expire is renewed if it came with what that needs.
// Throws Error(forbidden) that names the login that is missing.
Awaitable<Credentials> sso_credentials(http::Client& transport, Clock& clock, std::string folder, SsoProfile profile,
                                       EndpointSettings endpoints);

// Where `aws sso login` keeps the profile's token.
std::string sso_token_file(const std::string& folder, const SsoProfile& profile);

}  // namespace sockerless::aws
