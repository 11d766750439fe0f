#include "aws/sso_credentials.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "base/error.h"
#include "base/json.h"
#include "base/sha1.h"

namespace sockerless::aws {
namespace {

constexpr auto kRenewBefore = std::chrono::minutes(5);

struct SsoToken {
  std::string access_token;
  std::string expires_at;
  std::string client_id;
  std::string client_secret;
  std::string refresh_token;

  static constexpr auto fields() {
    using T = SsoToken;
    using json::field;
    return std::tuple{field("accessToken", &T::access_token), field("expiresAt", &T::expires_at),
                      field("clientId", &T::client_id), field("clientSecret", &T::client_secret),
                      field("refreshToken", &T::refresh_token)};
  }
};

struct TokenRequest {
  std::string client_id;
  std::string client_secret;
  std::string grant_type = "refresh_token";
  std::string refresh_token;

  static constexpr auto fields() {
    using R = TokenRequest;
    using json::field;
    return std::tuple{field("clientId", &R::client_id), field("clientSecret", &R::client_secret),
                      field("grantType", &R::grant_type), field("refreshToken", &R::refresh_token)};
  }
};

struct RoleCredentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;
  std::int64_t expiration = 0;  // milliseconds since the epoch

  static constexpr auto fields() {
    using C = RoleCredentials;
    using json::field;
    return std::tuple{field("accessKeyId", &C::access_key_id), field("secretAccessKey", &C::secret_access_key),
                      field("sessionToken", &C::session_token), field("expiration", &C::expiration)};
  }
};

struct PortalAnswer {
  RoleCredentials role_credentials;

  static constexpr auto fields() { return std::tuple{json::field("roleCredentials", &PortalAnswer::role_credentials)}; }
};

Error login_needed(const SsoProfile& profile, std::string_view why) {
  return {ErrorKind::forbidden,
          fmt::format("no AWS credentials from IAM Identity Center ({}): {}; run aws sso login{}", profile.start_url,
                      why, profile.session.empty() ? "" : " --sso-session " + profile.session)};
}

SsoToken kept_token(const std::string& path, const SsoProfile& profile) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (text.str().empty()) throw login_needed(profile, fmt::format("there is no token in {}", path));
  return json::parse<SsoToken>(text.str());
}

// The renewed token is used and not written: the file is the AWS CLI's.
Awaitable<std::string> renewed_token(http::Client& transport, SsoToken token, SsoProfile profile,
                                     EndpointSettings endpoints) {
  if (token.refresh_token.empty()) throw login_needed(profile, "its token has expired");
  const std::string url = resolve_endpoint(endpoints, "SSO_OIDC", "oidc", profile.region).origin + "/token";
  const TokenRequest body{
      .client_id = token.client_id, .client_secret = token.client_secret, .refresh_token = token.refresh_token};
  const http::ClientResponse answer = co_await transport.send(
      {.method = "POST", .url = url, .headers = {{"Content-Type", "application/json"}}, .body = json::to_text(body)});
  if (answer.status != 200)
    throw login_needed(profile, fmt::format("its token cannot be renewed (HTTP {})", answer.status));
  co_return json::parse<SsoToken>(answer.body).access_token;
}

}  // namespace

std::string sso_token_file(const std::string& folder, const SsoProfile& profile) {
  std::string name;
  for (const std::uint8_t byte : sha1(profile.session.empty() ? profile.start_url : profile.session)) {
    name += fmt::format("{:02x}", byte);
  }
  return fmt::format("{}/sso/cache/{}.json", folder, name);
}

Awaitable<Credentials> sso_credentials(http::Client& transport, Clock& clock, std::string folder, SsoProfile profile,
                                       EndpointSettings endpoints) {
  const SsoToken token = kept_token(sso_token_file(folder, profile), profile);
  std::string access_token = token.access_token;
  const auto expires = parse_rfc3339(token.expires_at);
  const bool is_due = !expires || *expires - clock.now() < kRenewBefore;
  if (is_due) access_token = co_await renewed_token(transport, token, profile, endpoints);
  const std::string url = fmt::format("{}/federation/credentials?account_id={}&role_name={}",
                                      resolve_endpoint(endpoints, "SSO", "portal.sso", profile.region).origin,
                                      profile.account_id, profile.role_name);
  const http::ClientResponse answer =
      co_await transport.send({.url = url, .headers = {{"x-amz-sso_bearer_token", access_token}}});
  if (answer.status == 401) throw login_needed(profile, "its token is not accepted");
  if (answer.status != 200) {
    throw login_needed(profile, fmt::format("account {} and role {} give HTTP {}: {}", profile.account_id,
                                            profile.role_name, answer.status, answer.body.substr(0, 200)));
  }
  const RoleCredentials found = json::parse<PortalAnswer>(answer.body).role_credentials;
  co_return Credentials{.access_key_id = found.access_key_id,
                        .secret_access_key = Secret(found.secret_access_key),
                        .session_token = Secret(found.session_token),
                        .expiration = Time(std::chrono::milliseconds(found.expiration)),
                        .source = fmt::format("IAM Identity Center ({})", profile.start_url)};
}

}  // namespace sockerless::aws
