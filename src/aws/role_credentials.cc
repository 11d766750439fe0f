#include "aws/role_credentials.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "aws/sts.h"
#include "aws/xml.h"

namespace sockerless::aws {
namespace {

std::string percent_encoded(std::string_view text) {
  std::string result;
  for (const unsigned char c : text) {
    const bool is_plain =
        std::isalnum(c) != 0 || std::string_view("-_.~").find(static_cast<char>(c)) != std::string::npos;
    result += is_plain ? std::string(1, static_cast<char>(c)) : fmt::format("%{:02X}", c);
  }
  return result;
}

std::string form_of(std::string_view action, const AssumedRole& role) {
  std::string form =
      fmt::format("Action={}&Version=2011-06-15&RoleArn={}&RoleSessionName={}", action, percent_encoded(role.role_arn),
                  percent_encoded(role.session_name.empty() ? "sockerless" : role.session_name));
  if (role.duration_seconds > 0) form += fmt::format("&DurationSeconds={}", role.duration_seconds);
  if (!role.external_id.empty()) form += "&ExternalId=" + percent_encoded(role.external_id);
  return form;
}

Error refused(const AssumedRole& role, std::string_view why) {
  return {ErrorKind::forbidden, fmt::format("the role {} could not be assumed: {}; check the role's trust policy and "
                                            "the configuration that names it",
                                            role.role_arn, why)};
}

Credentials credentials_in(const std::string& answer, const AssumedRole& role, std::string source) {
  Credentials found{.access_key_id = xml_text(answer, "AccessKeyId"),
                    .secret_access_key = Secret(xml_text(answer, "SecretAccessKey")),
                    .session_token = Secret(xml_text(answer, "SessionToken")),
                    .expiration = parse_rfc3339(xml_text(answer, "Expiration")),
                    .source = std::move(source)};
  if (found.access_key_id.empty() || found.secret_access_key.empty()) {
    throw refused(role, "the answer from STS has no credentials");
  }
  return found;
}

}  // namespace

Awaitable<Credentials> assume_role(RoleBase base, AssumedRole role) {
  const std::string source = fmt::format("the role {} (assumed with {})", role.role_arn, base.credentials.source);
  StaticCredentials signer(std::move(base.credentials));
  Client client(base.transport, base.clock, signer, std::move(base.settings));
  std::string answer;
  try {
    answer = co_await client.call_query(kSts, "AssumeRole", form_of("AssumeRole", role));
  } catch (const Error& error) {
    throw refused(role, error.what());
  }
  co_return credentials_in(answer, role, source);
}

Awaitable<Credentials> assume_role_with_web_identity(http::Client& transport, ClientSettings settings, AssumedRole role,
                                                     std::string token_file) {
  std::ifstream file(token_file);
  std::ostringstream token;
  token << file.rdbuf();
  if (token.str().empty()) throw refused(role, fmt::format("the token file {} cannot be read or is empty", token_file));
  const EndpointUrl endpoint = resolve_endpoint(settings.endpoints, kSts.id, kSts.endpoint_label, settings.region);
  http::ClientRequest request{
      .method = "POST",
      .url = endpoint.origin + "/",
      .headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}},
      .body = form_of("AssumeRoleWithWebIdentity", role) + "&WebIdentityToken=" + percent_encoded(token.str()),
      .connect_time = settings.connect_time,
      .total_time = settings.total_time};
  const http::ClientResponse answer = co_await transport.send(std::move(request));
  if (answer.status != 200) {
    throw refused(role, fmt::format("AssumeRoleWithWebIdentity: {}: {} (request id {})", xml_text(answer.body, "Code"),
                                    xml_text(answer.body, "Message"), xml_text(answer.body, "RequestId")));
  }
  co_return credentials_in(answer.body, role,
                           fmt::format("the role {} (by the web identity in {})", role.role_arn, token_file));
}

}  // namespace sockerless::aws
